internal import Canvas
internal import Ledger
internal import Wire

/// Commands about alerts, and what the terminal does when one is new.
extension ClientModel {
  /// Does a command about alerts; false where it is none.
  mutating func runAlerts(_ call: Invocation) -> Bool {
    let words = call.arguments
    switch call.name {
    case "ack": tellAlert(words, "ack", "alert-ack", "is known to you.")
    case "snooze": snooze(words)
    case "resolve-alert":
      tellAlert(words, "resolve-alert", "alert-resolve", "is over.")
    case "confirm-alert":
      tellAlert(words, "confirm-alert", "alert-confirm", "was worth telling: noted.")
    case "mute-alert":
      tellAlert(words, "mute-alert", "alert-mute", "is muted; nothing of its kind for a week.")
    case "alert-rules":
      request(Request("alert-rules"), PendingRequest(use: .show("Rules of alerts")))
    case "alert-sinks":
      request(Request("alert-sinks"), PendingRequest(use: .show("Who is told of alerts")))
    default: return false
    }
    return true
  }

  /// The alert that a command is about: the one named, or the one under the cursor.
  private mutating func alert(_ word: String?, _ command: String) -> String? {
    if let word {
      if Int(word) != nil { return word }
      say(.error, "\(command): '\(word.prefix(20))' is no alert's number")
      return nil
    }
    return alertBoard.integer(alertCursor.index, "id").map { "\($0)" }
  }

  private mutating func tellAlert(
    _ words: [String], _ command: String, _ verb: String, _ done: String
  ) {
    guard let id = alert(words.first, command) else { return }
    request(Request(verb, ["id": id]), PendingRequest(use: .say("Alert \(id) \(done)")))
  }

  /// `snooze`, `snooze 4h`, `snooze 12`, `snooze 12 4h`.
  private mutating func snooze(_ words: [String]) {
    let length = words.first { Int($0) == nil }
    guard let id = alert(words.first { Int($0) != nil }, "snooze") else { return }
    var arguments = ["id": id]
    arguments["for"] = length
    let word = length.map { "for \($0.prefix(20))" } ?? "for a while"
    request(
      Request("alert-snooze", arguments),
      PendingRequest(use: .say("Nobody is told of alert \(id) \(word).")))
  }

  /// Keeps the cursor on the alert it stood on, wherever that stands now.
  mutating func follow(alert id: Int64?) {
    let board = alertBoard
    guard let id, board.integer(alertCursor.index, "id") != id,
      let row = board.rows.indices.first(where: { board.integer($0, "id") == id })
    else { return }
    alertCursor.place(row, count: board.rows.count)
  }

  /// Rings and notifies where the board has an alert that was not there before.
  mutating func noticeAlerts() {
    let last = alertFact("last")
    guard let known = lastAlert else {
      lastAlert = last
      return
    }
    lastAlert = max(known, last)
    guard last > known else { return }
    let board = alertBoard
    let isQuiet = board["quiet_until"] != .none
    let through = alertText("through")
    let new = board.rows.indices.filter { row in
      let severity = board.text(row, "severity")
      return (board.integer(row, "id") ?? 0) > known && board.text(row, "state") == "open"
        && severity != "info" && (!isQuiet || severity == "critical" || severity == through)
    }
    guard let first = new.first else { return }
    perform(.bell)
    let more = new.count > 1 ? " and \(new.count - 1) more" : ""
    // What shows beyond the terminal is for everybody who sees the desktop.
    let text = Sanitiser.line(board.text(first, "outside").shortened(to: 200))
    perform(.notify(title: "Coffer: \(board.text(first, "severity"))", text: text + more))
    if screen != .alerts { say(.warning, "Alert: \(text)\(more)") }
  }
}
