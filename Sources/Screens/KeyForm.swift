internal import Canvas
internal import Wire

/// The key of an account while it is asked for, part by part.
struct KeyForm: Sendable {
  /// What the key is for.
  enum Purpose: Equatable, Sendable {
    /// An account that is new.
    case connect(venue: String, name: String?)
    /// An account that has a key already.
    case rekey(account: String, name: String)
  }

  /// How far it has come.
  enum Step: Equatable, Sendable {
    /// The engine was asked what a key consists of.
    case learning
    /// The parts are typed.
    case typing
    /// The engine tries the key.
    case trying
    /// The key was not taken.
    case refused
  }

  /// One part of a key.
  struct Field: Hashable, Sendable {
    let label: String
    let isSecret: Bool
    let isOptional: Bool
  }

  /// The longest part, in bytes; the engine takes no longer one.
  static let partLimit = 16 << 10
  /// The most parts.
  static let mostFields = 8

  let purpose: Purpose
  /// Further arguments of the request, by name.
  let arguments: [String: String]
  var step = Step.learning
  /// The question that is not answered yet.
  var request: UInt64?
  /// What is wrong with what was typed, or why the engine refuses.
  var fault = ""
  /// What can be done about it.
  var advice = ""
  private(set) var venue = ""
  private(set) var fields: [Field] = []
  private(set) var current = 0
  private var values: [TypedSecret] = []

  init(_ purpose: Purpose, arguments: [String: String] = [:]) {
    self.purpose = purpose
    self.arguments = arguments
  }

  /// Takes in what a key of the venue consists of.
  mutating func learn(_ report: Report) {
    if case .text(let name) = report["name"] { venue = name.shortened(to: 40) }
    fields = report.rows.indices.prefix(KeyForm.mostFields).map { row in
      Field(
        label: report.text(row, "label").shortened(to: 40),
        isSecret: report.cell(row, "secret") != .flag(false),
        isOptional: report.cell(row, "optional") == .flag(true))
    }
    values = fields.map { _ in TypedSecret(limit: KeyForm.partLimit) }
    step = .typing
  }

  /// The account's name as far as it is known.
  var name: String {
    switch purpose {
    case .connect(let venue, let name): name ?? (self.venue.isEmpty ? venue : self.venue)
    case .rekey(_, let name): name
    }
  }

  var title: String {
    switch purpose {
    case .connect(_, nil): "Follow \(name)"
    case .connect(let word, _?): "Follow \(name) at \(venue.isEmpty ? word : venue)"
    case .rekey: "Another key for \(name)"
    }
  }

  /// What shows of a part: dots for a secret.
  func shown(_ index: Int, columns: Int) -> String {
    guard values.indices.contains(index) else { return "" }
    let count = values[index].count
    if !fields[index].isSecret {
      return String(String(decoding: values[index].bytes, as: UTF8.self).suffix(max(1, columns)))
    }
    let room = max(1, min(24, columns - 6))
    let dots = String(repeating: "•", count: min(count, room))
    return count > room ? "\(dots) \(count)" : dots
  }

  // MARK: Typing

  mutating func type(_ text: String) {
    guard step == .typing, values.indices.contains(current) else { return }
    fault = ""
    if !values[current].type(text) { spoil("That is longer than a key can be; it is not taken.") }
  }

  /// Empties the part: a piece of a key is worse than none.
  mutating func spoil(_ reason: String) {
    clear()
    fault = reason
  }

  mutating func deleteLast() {
    guard step == .typing, values.indices.contains(current) else { return }
    fault = ""
    values[current].deleteLast()
  }

  mutating func clear() {
    guard values.indices.contains(current) else { return }
    fault = ""
    values[current].wipe()
  }

  mutating func goBack() {
    guard step == .typing else { return }
    fault = ""
    current = max(0, current - 1)
  }

  /// Goes to the next part; true where there is none left and all are there.
  mutating func advance() -> Bool {
    guard step == .typing, fields.indices.contains(current) else { return false }
    if let missing = missingPart(upTo: current) {
      current = missing
      fault = "The \(fields[missing].label) is needed."
      return false
    }
    fault = ""
    guard current == fields.count - 1 else {
      current += 1
      return false
    }
    return true
  }

  private func missingPart(upTo last: Int) -> Int? {
    fields.indices.prefix(last + 1).first { !fields[$0].isOptional && values[$0].bytes.isEmpty }
  }

  /// Starts over after a refusal.
  mutating func startOver() {
    wipe()
    current = 0
    (fault, advice) = ("", "")
    step = .typing
  }

  /// Hands the parts out as the venue wants them and overwrites them here.
  mutating func surrender() -> [[UInt8]] {
    values.indices.map { index in
      var typed = values[index].surrender()
      let part = KeyForm.normalised(typed)
      for place in typed.indices { typed[place] = 0 }
      return part
    }
  }

  /// Overwrites what was typed.
  mutating func wipe() {
    for index in values.indices { values[index].wipe() }
  }

  /// Ends of lines where `\n` stands for them, and in a PEM key whose lines were pasted as one.
  ///
  /// - Source: RFC 7468, section 2: https://www.rfc-editor.org/rfc/rfc7468#section-2
  static func normalised(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte == UInt8(ascii: "n"), result.last == UInt8(ascii: "\\") {
        result.removeLast()
        result.append(UInt8(ascii: "\n"))
      } else {
        result.append(byte)
      }
    }
    guard result.starts(with: "-----BEGIN ".utf8) else { return result }
    var dashes = 0
    var isLabel = false
    for index in result.indices {
      dashes = result[index] == UInt8(ascii: "-") ? dashes + 1 : 0
      if dashes == 5 {
        isLabel.toggle()
        dashes = 0
      }
      if result[index] == UInt8(ascii: " "), !isLabel { result[index] = UInt8(ascii: "\n") }
    }
    return result
  }
}

// MARK: - Keys

extension ClientModel {
  /// Opens the form; the engine says what it asks for.
  mutating func open(_ form: KeyForm, _ question: Request) {
    prompt = nil
    closeKeyForm()
    go(to: .accounts)
    let id = request(question, PendingRequest(use: .keyFields))
    keyForm = form
    keyForm?.request = id
  }

  mutating func closeKeyForm() {
    keyForm?.wipe()
    keyForm = nil
  }

  mutating func runInKeyForm(_ call: Invocation) {
    switch call.name {
    case "accept": acceptKeyForm()
    case "cancel": cancelKeyForm()
    case "delete-before": keyForm?.deleteLast()
    case "delete-line", "delete-word": if keyForm?.step == .typing { keyForm?.clear() }
    case "history-previous": keyForm?.goBack()
    default: return
    }
  }

  mutating func typeIntoKeyForm(_ text: String) { keyForm?.type(text) }

  mutating func pasteIntoKeyForm(_ text: String, isCut: Bool) {
    guard keyForm?.step == .typing else { return }
    if isCut {
      keyForm?.spoil("The pasted text is longer than a key can be; it is not taken.")
      return perform(.bell)
    }
    // Ends of lines around what was copied arrive as spaces.
    let text = text.drop { $0 == " " }
    let end = text.lastIndex { $0 != " " }.map { text.index(after: $0) } ?? text.startIndex
    keyForm?.type(String(text[..<end]))
  }

  private mutating func acceptKeyForm() {
    switch keyForm?.step {
    case .typing: if keyForm?.advance() == true { sendKey() }
    case .refused: keyForm?.startOver()
    case .learning, .trying, nil: break
    }
  }

  private mutating func cancelKeyForm() {
    let wasTrying = keyForm?.step == .trying
    closeKeyForm()
    say(
      .info,
      wasTrying
        ? "The key is still being tried; what becomes of it is said here."
        : "No key was taken; what was typed is forgotten.")
  }

  private mutating func sendKey() {
    guard let purpose = keyForm?.purpose, let name = keyForm?.name else { return }
    var arguments = keyForm?.arguments ?? [:]
    let verb: String
    let done: String
    switch purpose {
    case .connect(let venue, let given):
      (verb, done) = ("connect", "\(name) is followed")
      arguments["venue"] = venue
      if let given { arguments["name"] = given }
    case .rekey(let account, _):
      (verb, done) = ("rekey", "\(name) has its new key")
      arguments["account"] = account
    }
    keyForm?.step = .trying
    let secrets = keyForm?.surrender() ?? []
    let id = request(
      Request(verb, arguments, secrets: secrets), PendingRequest(use: .following(done)))
    keyForm?.request = id
  }

  /// The engine has said what a key consists of.
  mutating func learned(_ report: Report, id: UInt64) {
    guard keyForm?.request == id else { return }
    keyForm?.learn(report)
    keyForm?.request = nil
    guard keyForm?.fields.isEmpty == true else { return }
    closeKeyForm()
    say(.error, "The engine does not say what a key consists of.")
  }

  /// The engine does not take the key, or knows no such venue.
  mutating func refusedKey(_ refusal: Refusal) {
    perform(.bell)
    guard keyForm?.step == .trying else {
      closeKeyForm()
      return say(.error, sentence(refusal))
    }
    keyForm?.request = nil
    keyForm?.step = .refused
    keyForm?.fault = refusal.message
    keyForm?.advice = refusal.advice
  }

  /// An account is followed from now on.
  mutating func following(_ done: String, _ report: Report, id: UInt64) {
    if keyForm?.request == id { closeKeyForm() }
    say(.success, "\(done); its history is being read.")
    guard prompt == nil, keyForm == nil else { return }
    let details = report.facts.compactMap { fact -> Detail? in
      let text = fact.value.plain
      let name = fact.name.split(separator: "_").joined(separator: " ")
      return text.isEmpty ? nil : Detail(name: name, text: text)
    }
    if !details.isEmpty { show(.details(title: done, details)) }
  }
}
