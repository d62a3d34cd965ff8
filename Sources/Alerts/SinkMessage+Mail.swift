import Encodings
import Ledger

extension SinkMessage {
  /// A message (RFC 5322): text in UTF-8 as base64, marked as made by a program (RFC 3834), and of
  /// one thread with the others of its incident.
  func mail(_ settings: [String: String]) throws(SinkFault) -> SinkMail {
    guard let url = settings["url"], let from = settings["from"], let to = settings["to"] else {
      throw SinkFault("server, sender or receiver is missing")
    }
    let receivers = to.split(separator: ",").map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    for address in receivers + [from] where !SinkMessage.isAddress(address) {
      throw SinkFault("'\(SinkMessage.line(String(address.prefix(60))))' is no address of mail")
    }
    guard !receivers.isEmpty, receivers.count <= 20 else {
      throw SinkFault("a mail has one to twenty receivers")
    }
    let fields = [
      "From: Coffer <\(from)>", "To: \(receivers.joined(separator: ", "))",
      "Subject: \(SinkMessage.encoded("[coffer] \(word): \(SinkMessage.cut(title, bytes: 160))"))",
      "Date: \(SinkMessage.date(context.now))",
      "Message-ID: <\(SinkMessage.token(delivery.id))@coffer.invalid>",
      "References: <\(SinkMessage.token(notice.key))@coffer.invalid>",
      "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
      "X-Coffer-Delivery: \(SinkMessage.token(delivery.id))",
    ]
    let text = plain.replacing("\n", with: "\r\n") + "\r\n"
    let body = SinkMessage.folded(Base64.text(Array(text.utf8)))
    let whole = fields.joined(separator: "\r\n") + "\r\n\r\n" + body
    return SinkMail(
      url: url, from: from, to: receivers, login: settings["login"] ?? "",
      password: context.secret, message: Array(whole.utf8))
  }

  /// Whether a text can be an address without quoting: it goes into a command and a field.
  static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && text.utf8.count <= 254
      && parts.allSatisfy { part in
        !part.isEmpty
          && part.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
              || "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
          }
      }
  }

  /// A text as field value: as it is in ASCII, else in encoded words (RFC 2047, 2) of 45 bytes.
  static func encoded(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) { return text }
    var words: [String] = []
    var word = ""
    for character in text {
      if word.utf8.count + String(character).utf8.count > 45 {
        words.append(word)
        word = ""
      }
      word.append(character)
    }
    if !word.isEmpty { words.append(word) }
    return words.map { "=?utf-8?B?\(Base64.text(Array($0.utf8)))?=" }.joined(separator: "\r\n ")
  }

  /// Lines of 76 characters (RFC 2045, 6.8).
  static func folded(_ text: String) -> String {
    var lines: [String] = []
    var rest = text[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(76)))
      rest = rest.dropFirst(76)
    }
    return lines.map { $0 + "\r\n" }.joined()
  }

  /// A name for a field that identifies: letters, digits, `-` and `.`.
  static func token(_ text: String) -> String {
    String(
      text.map { character in
        character.isASCII && (character.isLetter || character.isNumber || character == ".")
          ? character : "-"
      })
  }

  /// A date as in RFC 5322, 3.3, in UTC.
  static func date(_ time: Instant) -> String {
    let civil = CivilTime(utc: time)
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    // 1970-01-01 was a Thursday.
    let day = Int(((time.seconds / 86_400) % 7 + 7) % 7)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let month = months[max(0, min(civil.month - 1, 11))]
    return "\(days[day]), \(two(civil.day)) \(month) \(civil.year) "
      + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) +0000"
  }

  // MARK: System log

  /// A line as in RFC 5424, of at most 2,048 bytes, which every receiver takes (6.1).
  ///
  /// The facility is `user`; the number 32473 is the one for examples (RFC 5612), since we have none
  /// of our own.
  func syslog() -> [UInt8] {
    let severity: Int
    switch (notice.action, notice.severity) {
    case (.resolve, _), (.acknowledge, _): severity = 5
    case (.trigger, .critical): severity = 2
    case (.trigger, .warning): severity = 4
    case (.trigger, .info): severity = 6
    }
    let host = context.host.utf8.allSatisfy { $0 > 32 && $0 < 127 } ? context.host : ""
    let data = [
      ("action", notice.action.rawValue), ("key", dedupKey), ("delivery", delivery.id),
    ].map { "\($0.0)=\"\(SinkMessage.parameter($0.1))\"" }.joined(separator: " ")
    let head =
      "<\(8 + severity)>1 \(SinkMessage.stamp(notice.time)) \(host.isEmpty ? "-" : host) coffer - "
      + "alert [coffer@32473 \(data)] "
    let detail = lines.prefix(6).map { "\($0.label): \($0.text)" }.joined(separator: "; ")
    let text = SinkMessage.line("\(word): \(title)\(detail.isEmpty ? "" : " (\(detail))")")
    let room = max(40, 2_048 - head.utf8.count - 3)
    // A text in UTF-8 begins with the byte order mark (6.4).
    return Array(head.utf8) + [0xEF, 0xBB, 0xBF] + Array(SinkMessage.cut(text, bytes: room).utf8)
  }

  /// A time with exactly six digits after the second (RFC 5424, 6.2.3).
  static func stamp(_ time: Instant) -> String {
    let civil = CivilTime(utc: time)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let part = String(civil.microsecond)
    let fraction = String(repeating: "0", count: max(0, 6 - part.count)) + part
    return "\(civil.year)-\(two(civil.month))-\(two(civil.day))T\(two(civil.hour)):"
      + "\(two(civil.minute)):\(two(civil.second)).\(fraction)Z"
  }

  /// A parameter's value: `"`, `\` and `]` are escaped (6.3.3).
  static func parameter(_ text: String) -> String {
    var shown = ""
    for character in SinkMessage.cut(line(text), bytes: 200) {
      if character == "\"" || character == "\\" || character == "]" { shown.append("\\") }
      shown.append(character)
    }
    return shown
  }
}
