import Foundation

/// The manual page of the program in man(7), made of what ArgumentParser knows about its commands.
struct ManualPage {
  private let command: Command

  /// - Parameter help: ArgumentParser's description of the commands, in JSON.
  init(help: String) throws {
    command = try JSONDecoder().decode(Help.self, from: Data(help.utf8)).command
  }

  var text: String {
    let name = command.commandName
    let commands = (command.subcommands ?? []).filter {
      $0.shouldDisplay ?? true && $0.commandName != "help"
    }
    let head = """
      .TH \(name.uppercased()) 1 "" "\(name) \(bootsimVersion)" "bootsim manual"
      .SH NAME
      \(name) \\- \(Self.escaped(command.abstract ?? ""))
      .SH SYNOPSIS
      .B \(name)
      .I command
      .RI [ options ]
      .SH COMMANDS

      """
    return head + commands.map(section).joined() + Self.tail
  }

  private func section(_ command: Command) -> String {
    let common = ["version", "help"]
    let arguments = (command.arguments ?? []).filter { argument in
      argument.shouldDisplay ?? true
        && !(argument.names ?? []).contains { common.contains($0.name) }
    }
    let synopsis = arguments.filter { $0.kind == "positional" }.map(\.synopsis)
    let title =
      Self.usage(of: command.commandName)
      ?? (["\(self.command.commandName) \(command.commandName)"] + synopsis).joined(separator: " ")
    let words = [command.abstract, command.discussion].compactMap { $0 }.map(Self.escaped)
    return ".SS \"\(Self.escaped(title))\"\n" + words.joined(separator: "\n.PP\n") + "\n"
      + arguments.map(paragraph).joined()
  }

  /// As the command has it, where its arguments alone do not say it.
  private static func usage(of name: String) -> String? {
    Bootsim.configuration.subcommands.map { $0.configuration }
      .first { $0.commandName == name }?.usage?.replacingOccurrences(of: " [<options>]", with: "")
  }

  private func paragraph(_ argument: Argument) -> String {
    var text = argument.abstract ?? ""
    if let value = argument.defaultValue, argument.kind == "option" {
      text += " Default: \(value)."
    }
    return ".TP\n\(argument.label)\n\(Self.escaped(text))\n"
  }

  private static let tail = """
    .SH OPTIONS OF EVERY COMMAND
    .TP
    .BR \\-h ", " \\-\\-help
    Show help information.
    .TP
    .B \\-\\-version
    Show the version.
    .SH EXIT STATUS
    .TP
    .B 0
    good
    .TP
    .B 1
    an expectation or a bound failed, lint found an error, a scenario came out otherwise, two runs differ, or an
    object is not there
    .TP
    .B 64
    wrong usage
    .TP
    .B 65
    a scenario, log or trace that cannot be used
    .TP
    .B 70
    a bug of bootsim; a crash ends with a signal
    .TP
    .B 74
    input or output failed
    .TP
    .BR 129 ", " 130 ", " 143
    interrupted: the terminal was closed, Ctrl-C, a polite kill
    .TP
    .B 141
    nobody reads the output any more, as after head in a pipe
    .SH SEE ALSO
    .BR kubelet (8),
    .BR kubeadm (1)

    """

  /// Text in which nothing is a macro or an escape, and each `-` is one.
  fileprivate static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "\\", with: "\\e").replacingOccurrences(of: "-", with: "\\-")
      .split(separator: "\n", omittingEmptySubsequences: true)
      .map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&\($0)" : String($0) }
      .joined(separator: "\n")
  }
}

// MARK: ArgumentParser's description of commands

extension ManualPage {
  struct Help: Decodable { var command: Command }

  struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool?
    var subcommands: [Command]?
    var arguments: [Argument]?
  }

  struct Argument: Decodable {
    var kind: String
    var shouldDisplay: Bool?
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var abstract: String?

    struct Name: Decodable {
      var kind: String
      var name: String

      var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    /// `<file> ...`, in brackets where it may be left out.
    var synopsis: String {
      let value = "<\(valueName ?? "value")>\(isRepeating ? " ..." : "")"
      return isOptional ? "[\(value)]" : value
    }

    /// The line before its text.
    var label: String {
      guard let names, !names.isEmpty else {
        return ".I \(ManualPage.escaped(valueName ?? "value"))"
      }
      let list = names.map { "\\fB\(ManualPage.escaped($0.text))\\fR" }.joined(separator: ", ")
      return kind == "flag" ? list : "\(list) \\fI\(ManualPage.escaped(valueName ?? "value"))\\fR"
    }
  }
}
