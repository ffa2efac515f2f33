/// `ExportTraceServiceRequest` in the JSON of OTLP: identifiers in hexadecimal, 64-bit numbers as texts.
struct OTLPRequest: Encodable {
  let resourceSpans: [ResourceSpans]

  init(resource: [String: Value], version: String, spans: [Span]) {
    resourceSpans = [
      ResourceSpans(
        resource: Resource(attributes: Attribute.all(resource)),
        scopeSpans: [ScopeSpans(scope: Scope(version: version), spans: spans)])
    ]
  }

  struct ResourceSpans: Encodable {
    let resource: Resource
    let scopeSpans: [ScopeSpans]
  }
  struct Resource: Encodable { let attributes: [Attribute] }
  struct ScopeSpans: Encodable {
    let scope: Scope
    let spans: [Span]
  }
  struct Scope: Encodable {
    let name = "bootsim"
    let version: String
  }

  struct Span: Encodable {
    let traceId: String
    let spanId: String
    let parentSpanId: String?
    let name: String
    /// SPAN_KIND_INTERNAL.
    let kind = 1
    let startTimeUnixNano: String
    let endTimeUnixNano: String
    let attributes: [Attribute]
    let status: Status?

    init(
      traceId: String, spanId: String, parentSpanId: String?, name: String, from: Int64, to: Int64,
      attributes: [String: Value], isError: Bool = false
    ) {
      self.traceId = traceId
      self.spanId = spanId
      self.parentSpanId = parentSpanId
      self.name = name
      startTimeUnixNano = "\(from)"
      endTimeUnixNano = "\(to)"
      self.attributes = Attribute.all(attributes)
      status = isError ? Status() : nil
    }
  }

  /// STATUS_CODE_ERROR.
  struct Status: Encodable { let code = 2 }

  struct Attribute: Encodable {
    let key: String
    let value: Value

    static func all(_ values: [String: Value]) -> [Attribute] {
      values.sorted { $0.key < $1.key }.map { Attribute(key: $0.key, value: $0.value) }
    }
  }

  enum Value: Encodable {
    case string(String)
    case int(Int64)

    private enum CodingKeys: String, CodingKey { case stringValue, intValue }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      switch self {
      case .string(let text): try container.encode(text, forKey: .stringValue)
      case .int(let number): try container.encode("\(number)", forKey: .intValue)
      }
    }
  }
}
