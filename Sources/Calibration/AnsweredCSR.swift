/// A CertificateSigningRequest as an answer has it.
struct AnsweredCSR {
  var name = ""
  var signerName = ""
  var isApproved = false
  var hasCertificate = false

  init(_ object: inout JSONScanner) throws(MalformedJSON) {
    try object.members { (key, value) throws(MalformedJSON) in
      guard value.peek() == UInt8(ascii: "{") else { return try value.skip() }
      try value.members { (field, value) throws(MalformedJSON) in
        switch (key, field) {
        case ("metadata", "name"): self.name = try value.string()
        case ("spec", "signerName"): self.signerName = try value.string()
        case ("status", "certificate"):
          try value.skip()
          self.hasCertificate = true
        case ("status", "conditions"): try self.readConditions(&value)
        default: try value.skip()
        }
      }
    }
  }

  private mutating func readConditions(_ conditions: inout JSONScanner) throws(MalformedJSON) {
    try conditions.elements { (condition) throws(MalformedJSON) in
      try condition.members { (key, value) throws(MalformedJSON) in
        guard key == "type" else { return try value.skip() }
        if try value.string() == "Approved" { self.isApproved = true }
      }
    }
  }
}
