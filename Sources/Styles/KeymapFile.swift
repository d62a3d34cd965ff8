import Canvas

/// The files of one keymap, the most general first, on their way to a `Keymap`.
struct KeymapFile {
  private var bindings: [Keymap.Binding] = []
  private var warnings: [StyleProblem] = []
  private var places: [String: StyleDocument.Entry] = [:]
  private let file: String

  /// Puts the documents together; what a later one says about the same keys wins.
  init(_ documents: [StyleDocument]) {
    file = documents.last?.file ?? ""
    for document in documents {
      warnings += document.warnings
      for entry in document.sections[""] ?? [] where !["title", "inherits"].contains(entry.key) {
        warnings.append(
          entry.problem("no setting is called '\(Sanitiser.line(entry.key, columns: 40))'"))
      }
      for context in document.sections.keys.sorted() where !context.isEmpty {
        add(document.sections[context] ?? [], context: context)
      }
    }
  }

  /// The keymap without the bindings that mean nothing.
  func keymap(
    named name: String, commands: Set<String>, contexts: Set<String>
  ) throws(StyleProblem) -> Styled<Keymap> {
    let whole = Keymap(name: name, bindings: bindings)
    let findings = whole.findings(commands: commands, contexts: contexts)
    var dropped: Set<Keymap.Binding> = []
    var problems = warnings
    for finding in findings {
      switch finding {
      case .unknownCommand(let binding, _), .unknownContext(let binding, _):
        dropped.insert(binding)
      case .missing: throw StyleProblem(file: file, message: finding.text)
      case .prefix, .twin, .unsendable: break
      }
      guard let entry = finding.binding.flatMap({ places[$0.origin] }) else { continue }
      problems.append(entry.problem(finding.text))
    }
    return Styled(
      value: Keymap(name: name, bindings: bindings.filter { !dropped.contains($0) }),
      warnings: problems)
  }

  private mutating func add(_ entries: [StyleDocument.Entry], context: String) {
    var seen: [[Key]: String] = [:]
    for entry in entries {
      let keys: [Key]
      do {
        keys = try Key.sequence(entry.key)
      } catch {
        warnings.append(entry.problem(error.text))
        continue
      }
      guard let command = Invocation(line: entry.text) else {
        warnings.append(entry.problem("'\(Key.text(of: keys))' calls nothing; 'none' unbinds"))
        continue
      }
      if let earlier = seen.updateValue(entry.text, forKey: keys) {
        let shown = Sanitiser.line(earlier, columns: 40)
        warnings.append(
          entry.problem("'\(Key.text(of: keys))' is bound twice here, to '\(shown)' before"))
      }
      let origin = "\(entry.file):\(entry.line):\(entry.column)"
      places[origin] = entry
      bindings.append(
        Keymap.Binding(context: context, keys: keys, command: command, origin: origin))
    }
  }
}
