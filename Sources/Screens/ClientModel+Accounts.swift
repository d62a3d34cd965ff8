internal import Canvas
internal import Ledger
internal import Wire

/// Commands about accounts that are kept up to date.
extension ClientModel {
  /// Does a command about followed accounts; false where it is none.
  mutating func runFollowed(_ call: Invocation) -> Bool {
    let words = call.arguments
    switch call.name {
    case "connect": connect(words)
    case "watch": watchWallet(words)
    case "pause-account":
      tell(words, "pause-account", "pause", "is paused: nothing is asked of it.")
    case "resume-account": tell(words, "resume-account", "resume", "is asked again.")
    case "rekey": rekey(words)
    case "disconnect": askToDisconnect(words)
    case "requery": requery(words)
    case "limits": request(Request("limits"), PendingRequest(use: .show("Limits of venues")))
    case "breaks":
      request(Request("breaks"), PendingRequest(use: .show("Ledger and venues compared")))
    default: return false
    }
    return true
  }

  private mutating func connect(_ words: [String]) {
    let (names, flags) = ClientModel.parted(words)
    guard let arguments = arguments(flags, of: "connect") else { return }
    guard let venue = names.first?.lowercased() else {
      return say(
        .error, "connect: which exchange? For example  :connect kraken  or  :connect okx Desk")
    }
    let name = names.dropFirst().joined(separator: " ")
    open(
      KeyForm(.connect(venue: venue, name: name.isEmpty ? nil : name), arguments: arguments),
      Request("venue", ["venue": venue]))
  }

  private mutating func rekey(_ words: [String]) {
    let (names, flags) = ClientModel.parted(words)
    guard let arguments = arguments(flags, of: "rekey"),
      let (account, name) = followed(names, "rekey")
    else { return }
    open(
      KeyForm(.rekey(account: account, name: name), arguments: arguments),
      Request("venue", ["account": account]))
  }

  private static func parted(_ words: [String]) -> (names: [String], flags: [String]) {
    (words.filter { !$0.hasPrefix("--") }, words.filter { $0.hasPrefix("--") })
  }

  /// The flags as arguments; `nil`, and a word about it, where one is not known.
  private mutating func arguments(_ flags: [String], of command: String) -> [String: String]? {
    let known = command == "connect" ? ["--accept-withdraw", "--untested"] : ["--accept-withdraw"]
    if let flag = flags.first(where: { !known.contains($0) }) {
      say(
        .error, "\(command): there is no \(flag.prefix(40)); known: \(known.joined(separator: " "))"
      )
      return nil
    }
    var arguments: [String: String] = [:]
    for flag in flags { arguments[String(flag.dropFirst(2))] = "yes" }
    return arguments
  }

  private mutating func watchWallet(_ words: [String]) {
    guard let text = words.first, words.count <= 2 else {
      return say(
        .error,
        "watch: give an extended public key, a descriptor or an address, and perhaps a chain")
    }
    var arguments = ["watch": text]
    if words.count == 2 { arguments["chain"] = words[1].lowercased() }
    request(Request("watch", arguments), PendingRequest(use: .following("The wallet is watched")))
  }

  private mutating func tell(
    _ words: [String], _ command: String, _ verb: String, _ done: String
  ) {
    guard let (account, name) = followed(words, command) else { return }
    request(Request(verb, ["account": account]), PendingRequest(use: .say("\(name) \(done)")))
  }

  private mutating func askToDisconnect(_ words: [String]) {
    guard let (account, name) = followed(words, "disconnect") else { return }
    ask(
      "Stop following \(name) and destroy its key? Its entries stay.",
      Invocation("disconnect", [account]))
  }

  /// Stops following an account, after the question.
  mutating func disconnect(_ account: String) {
    request(
      Request("disconnect", ["account": account]),
      PendingRequest(use: .say("\(account) is not followed any more.")))
  }

  private mutating func requery(_ words: [String]) {
    guard (2...3).contains(words.count) else {
      return say(.error, "requery: give an account and a day, such as 2024-01-01")
    }
    guard let (account, name) = followed([words[0]], "requery") else { return }
    var arguments = ["account": account, "from": words[1]]
    if words.count == 3 { arguments["to"] = words[2] }
    request(
      Request("requery", arguments), PendingRequest(use: .say("\(name) is read again.")))
  }

  /// The account a command is about: the one named, or the one under the cursor.
  private mutating func followed(
    _ words: [String], _ command: String
  ) -> (account: String, name: String)? {
    let board = connections
    let row: Int
    if words.isEmpty {
      row = connectionCursor.index
      guard board.rows.indices.contains(row) else { return nil }
    } else {
      let word = words.joined(separator: " ")
      let small = word.lowercased()
      let found = board.rows.indices.first {
        board.text($0, "account") == small || board.text($0, "name").lowercased() == small
      }
      guard let found else { return (AccountID(named: word).slug, word.shortened(to: 80)) }
      row = found
    }
    return (board.text(row, "account"), board.text(row, "name").shortened(to: 80))
  }
}
