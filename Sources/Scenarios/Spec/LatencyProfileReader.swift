import TLSBootstrap

/// A file with measured latencies, which `bootsim calibrate` writes and people may edit.
struct LatencyProfileReader {
  let reading: Reading
  let folder: String

  /// Takes every latency that the profile has.
  func read(_ file: Located<String>, _ latencies: inout Latencies) {
    let path = FilePath.resolve(file.value, in: folder)
    guard let text = reading.text(of: path, namedAt: file.place) else { return }
    let mistakes = reading.errors.count
    let documents = reading.documents(of: text, file: path)
    guard reading.errors.count == mistakes else { return }
    guard documents.count == 1, documents[0]["kind"]?.text == "LatencyProfile" else {
      reading.fail(
        documents.count > 1 ? documents[1].place : documents.first?.place ?? Place(file: path),
        documents.count > 1 ? "a second document" : "no document of kind LatencyProfile",
        cure: "name a file that `bootsim calibrate` has written")
      return
    }
    guard let profile = Section(documents[0], "LatencyProfile", reading) else { return }
    _ = profile["kind"]
    if profile.string("apiVersion")?.value != ScenarioFile.apiVersion {
      reading.fail(
        profile.place(of: "apiVersion"), "the profile has another apiVersion, or none",
        cure: "write `apiVersion: \(ScenarioFile.apiVersion)`, or make the profile anew")
    }
    _ = (profile.time("from"), profile.time("to"), profile.list("requests"))
    if let section = profile.section("latency") { latencies.take(section) }
  }
}

extension Latencies {
  /// Takes every latency that the section has.
  mutating func take(_ section: Section) {
    for key in Latencies.keys {
      if let distribution = section.distribution(key.key, most: Latencies.longest) {
        self[keyPath: key.field] = distribution
      }
    }
  }
}
