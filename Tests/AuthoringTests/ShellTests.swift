import Foundation
import Testing
import TestSupport

/// Shell completion and the manual page.
struct ShellTests {
  private static let commands = ["run", "calibrate", "lint", "list", "new", "schema", "version"]

  @Test(arguments: ["bash", "zsh", "fish"])
  func `a completion script knows every command`(shell: String) throws {
    let ended = try Program.bootsim(["--generate-completion-script", shell])
    #expect(ended.code == 0)
    for command in Self.commands { #expect(ended.output.contains(command)) }
    #expect(ended.output.contains("yaml"), "scenario files are completed")
  }

  private static let shellsPresent = ["bash", "zsh", "fish"].filter { Program.isPresent($0) }

  @Test(.enabled(if: !shellsPresent.isEmpty, "there is no shell"), arguments: shellsPresent)
  func `a completion script parses`(shell: String) throws {
    try withTemporaryFolder { folder in
      let script = try Program.bootsim(["--generate-completion-script", shell]).output
      let file = folder.appendingPathComponent("bootsim")
      try script.write(to: file, atomically: true, encoding: .utf8)
      let ended = try Program.run("/usr/bin/env", [shell, "-n", file.path])
      #expect(ended.code == 0, "\(ended.errors)")
    }
  }

  @Test func `bash completes commands`() throws {
    #expect(try completions(of: "bootsim l", word: 1) == ["lint", "list", "logs"])
  }

  @Test func `bash completes types of objects, folders and traces`() throws {
    let files = ["run.sqlite", "notes.txt", "results/other.sqlite"]
    #expect(
      try completions(of: "bootsim get ", word: 2, with: files)
        .isSuperset(of: ["csr", "nodes", "secrets", "events", "leases", "run.sqlite", "results/"]))
    #expect(
      try completions(of: "bootsim get csr r", word: 3, with: files)
        == ["run.sqlite", "results/"])
    #expect(
      try completions(of: "bootsim logs results/", word: 2, with: files)
        == ["results/other.sqlite"])
  }

  @Test(.enabled(if: Program.isPresent("fish"), "there is no fish"))
  func `fish completes commands, values of options and scenarios`() throws {
    // The arguments of `get` need a terminal: fish tells the line to nobody else.
    let ask = "source ./s; for line in $argv; complete -C $line | cut -f 1; end"
    let lines = ["bootsim expo", "bootsim run r", "bootsim export run.sqlite --format perf"]
    let printed = try complete("fish", ["--no-config", "-c", ask] + lines)
    #expect(printed == ["export", "results/", "run.yaml", "perfetto"])
  }

  @Test(.enabled(if: Program.isPresent("zsh"), "there is no zsh"))
  func `zsh completes commands, values of options, scenarios and traces`() throws {
    // Lines are typed in a terminal; what has become of each is told by a key of its own.
    let ask = """
      zmodload zsh/zpty
      zpty z zsh -f -i
      zpty -w z "PS1=; fpath=($PWD \\$fpath); autoload -U compinit; compinit -u -D"
      zpty -w z 'show() { print -r -- "<""<$BUFFER>>"; BUFFER=; }; zle -N show; bindkey "^X" show'
      for line in $@; do
        zpty -w -n z "$line"$'\\t\\x18'
        zpty -r z shown '*<<*>>*'
        print -r -- ${${shown##*<<}%%>>*}
      done
      zpty -d z
      """
    let lines = [
      "bootsim expo", "bootsim run ru", "bootsim get csr run", "bootsim get no",
      "bootsim export run.sqlite --format perf",
    ]
    let printed = try complete("zsh", ["-f", "-c", ask, "zsh"] + lines)
    #expect(
      printed == [
        "bootsim export ", "bootsim run run.yaml ", "bootsim get csr run.sqlite ",
        "bootsim get nodes ", "bootsim export run.sqlite --format perfetto ",
      ])
  }

  /// - Returns: the lines that the shell prints, beside a scenario, a trace and a folder.
  private func complete(_ shell: String, _ arguments: [String]) throws -> [String] {
    try withTemporaryFolder { folder in
      let script = try Program.bootsim(["--generate-completion-script", shell]).output
      for (name, text) in [
        ("s", script), ("_bootsim", script), ("run.yaml", ""), ("run.sqlite", ""),
      ] {
        try text.write(
          to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
      }
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("results"), withIntermediateDirectories: true)
      let path = Program.bootsim.deletingLastPathComponent().path + ":/usr/bin:/bin"
      let ended = try Program.run(
        "/usr/bin/env", [shell] + arguments, in: folder,
        environment: ["PATH": path, "HOME": folder.path, "TERM": "vt100"])
      return ended.output.split(separator: "\n").map(String.init)
    }
  }

  private func completions(
    of line: String, word: Int, with files: [String] = []
  ) throws -> Set<String> {
    try withTemporaryFolder { folder in
      for file in files {
        let place = folder.appendingPathComponent(file)
        try FileManager.default.createDirectory(
          at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: place)
      }
      let words = line.split(separator: " ", omittingEmptySubsequences: false).map { "'\($0)'" }
      let script = try Program.bootsim(["--generate-completion-script", "bash"]).output
      try script.write(
        to: folder.appendingPathComponent("s"), atomically: true, encoding: .utf8)
      let ask = """
        source ./s
        COMP_WORDS=(\(words.joined(separator: " "))); COMP_CWORD=\(word)
        COMP_LINE='\(line)'; COMP_POINT=\(line.utf8.count)
        _bootsim bootsim \(words[word]) \(words[word - 1])
        printf '%s\\n' "${COMPREPLY[@]}"
        """
      let path = Program.bootsim.deletingLastPathComponent().path + ":/usr/bin:/bin"
      let ended = try Program.run(
        "/usr/bin/env", ["bash", "-c", ask], in: folder, environment: ["PATH": path])
      return Set(ended.output.split(separator: "\n").map { $0.filter { $0 != " " } })
    }
  }

  @Test func `the manual page of the repository is that of the program`() throws {
    let file = "docs/man/bootsim.1"
    let page = try Program.bootsim(["manual"]).output
    #expect(try Repository.text(file, writing: page) == page, "run once with UPDATE_DOCS=1")
    for command in Self.commands { #expect(page.contains(".SS \"bootsim \(command)")) }
  }

  @Test(.enabled(if: Program.isPresent("man"), "there is no man"))
  func `man formats the manual page without a warning`() throws {
    let page = Repository.root.appendingPathComponent("docs/man/bootsim.1").path
    let ended = try Program.run(
      "/usr/bin/env", ["man", "--warnings", "-E", "UTF-8", "-l", page],
      environment: ["MANPAGER": "cat", "MANWIDTH": "100"])
    #expect(ended.code == 0)
    #expect(ended.errors == "")
    let plain = ended.output.replacingOccurrences(
      of: ".\u{8}", with: "", options: .regularExpression)
    #expect(plain.contains("--fail-on"))
    #expect(plain.contains("EXIT STATUS"))
  }
}
