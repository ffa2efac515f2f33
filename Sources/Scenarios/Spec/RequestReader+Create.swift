import TLSBootstrap

/// The CSR of a request: the fields of the real object, or its subject in place of the bytes.
extension RequestReader {
  func shape(_ section: Section) -> RequestShape? {
    checkKind(section)
    if let body = section.string("body") { return shape(ofBody: body, section) }
    let spec = section.section("spec")
    let written = spec?["request"]
    let parts = ["subject", "sans", "key", "signature"].filter { section[$0] != nil }
    var shape: RequestShape
    if let written {
      if let other = parts.first(where: { $0 != "signature" }) {
        reading.fail(
          section.place(of: other), "`spec.request` and `\(other)` exclude each other",
          cure: "keep one of them")
      }
      shape = CertificateRequestPEM.shape(spec?.string("request")?.value ?? written.text ?? "")
    } else {
      guard section["subject"] != nil else {
        section.lacks("subject", cure: "give the CSR's `subject`, or its bytes as `spec.request`")
        return nil
      }
      shape = RequestShape(content(request(section)))
    }
    if section.choice("signature", [("Own", true), ("Other", false)])?.value == false,
      var request = shape.request
    {
      request.signature = .invalid
      shape.content = .request(request)
    }
    readObject(section, spec, &shape)
    return shape
  }

  private func checkKind(_ section: Section) {
    let kind = "CertificateSigningRequest"
    if let given = section.string("kind"), given.value != kind {
      reading.fail(
        given.place, "`kind` is “\(given.value.prefix(60))”", cure: "write `\(kind)`")
    }
  }

  /// Bytes that no server takes for an object.
  private func shape(ofBody body: Located<String>, _ section: Section) -> RequestShape? {
    let others = [
      "apiVersion", "kind", "metadata", "spec", "status", "subject", "sans", "key", "signature",
    ]
    for key in others where section[key] != nil {
      reading.fail(
        section.place(of: key), "`body` and `\(key)` exclude each other", cure: "keep one of them")
    }
    if GoJSON.scan(body.value) == .object {
      reading.fail(
        body.place, "`body` is a JSON object", cure: "give its fields in place of `body`")
      return nil
    }
    // JSON's null is an object with nothing in it.
    var shape = RequestShape(.absent)
    shape.generateName = ""
    shape.body = body.value
    readBody(section, &shape)
    return shape
  }

  private func readBody(_ section: Section, _ shape: inout RequestShape) {
    if let bytes = section.integer("bodyBytes") { shape.bodyBytes = Int(bytes.value) }
    shape.hasByteOrderMark = section.bool("byteOrderMark")?.value ?? false
    guard let type = section.string("contentType") else { return }
    shape.contentType = type.value
    if RequestBody.needsOtherDecoder(type.value) {
      reading.fail(
        type.place, "bodies of \(type.value.prefix(60)) are not played",
        cure: "write `application/json`, or a type that the server does not know")
    }
  }

  private func readObject(_ section: Section, _ spec: Section?, _ shape: inout RequestShape) {
    shape.apiVersion = section.string("apiVersion")?.value ?? shape.apiVersion
    readBody(section, &shape)
    if let metadata = section.section("metadata") { readMetadata(metadata, &shape) }
    section.ignore("status")
    shape.signerName = spec?.string("signerName")?.value ?? ""
    shape.usages = spec?.strings("usages")?.map(\.value) ?? []
    shape.expirationSeconds = spec?.integer("expirationSeconds")?.value
    // The server overwrites them (E.2).
    _ = spec?.string("username")
    _ = spec?.strings("groups")
    spec?.ignore("uid", "extra")
  }

  private func readMetadata(_ metadata: Section, _ shape: inout RequestShape) {
    // Go tells an empty name from none as little.
    shape.name = metadata.string("name").flatMap { $0.value.isEmpty ? nil : $0.value }
    shape.generateName = metadata.string("generateName")?.value ?? shape.generateName
    shape.labels = metadata.texts("labels").map { MetadataEntry($0.key, $0.text) }
    shape.annotations = metadata.texts("annotations").map { MetadataEntry($0.key, $0.text) }
    shape.resourceVersion = metadata.string("resourceVersion")?.value ?? ""
    metadata.ignore("uid", "creationTimestamp", "managedFields")
  }

  private func request(_ section: Section) -> CertificateRequest {
    var request = CertificateRequest()
    if let subject = section.section("subject") {
      request.commonName = subject.string("commonName")?.value ?? ""
      request.organizations = subject.strings("organizations")?.map(\.value) ?? []
      request.organizationalUnits = subject.strings("organizationalUnits")?.map(\.value) ?? []
    }
    if let names = section.section("sans") {
      request.dnsNames = names.strings("dnsNames")?.map(\.value) ?? []
      request.ipAddresses = names.strings("ipAddresses")?.compactMap(address) ?? []
      request.emailAddresses = names.strings("emailAddresses")?.map(\.value) ?? []
      request.uris = names.strings("uris")?.map(\.value) ?? []
    }
    let keys: [(String, CertificateRequest.Key)] = [
      ("ECDSA-P256", .ecdsa(bits: 256)), ("ECDSA-P384", .ecdsa(bits: 384)),
      ("RSA-1024", .rsa(bits: 1_024)), ("RSA-2048", .rsa(bits: 2_048)),
      ("RSA-4096", .rsa(bits: 4_096)), ("Ed25519", .ed25519),
    ]
    request.key = section.choice("key", keys)?.value ?? request.key
    return request
  }

  /// The names in the order in which Go's x509 writes them into a PKCS#10.
  private func content(_ request: CertificateRequest) -> RequestShape.Content {
    let names: [(AlternativeName, [String])] = [
      (.dns, request.dnsNames), (.email, request.emailAddresses), (.uri, request.uris),
    ]
    do throws(UnreadableRequest) {
      for (kind, texts) in names {
        for text in texts { _ = try kind.text(text.utf8) }
      }
    } catch {
      return .unreadable(error.words)
    }
    return .request(request)
  }

  private func address(_ text: Located<String>) -> String? {
    let address = IPAddress.bytes(text.value).flatMap(IPAddress.text)
    if address == nil {
      reading.fail(
        text.place, "“\(text.value.prefix(60))” is no IP address",
        cure: "write it like `192.0.2.1` or `2001:db8::1`")
    }
    return address
  }
}
