internal import Canvas

/// Recording keys and pressing them again.
///
/// A macro presses keys as a hand would, through `press`, with three differences that keep it from
/// doing harm: it answers no question, it types into no form for secrets, and it stops at the first
/// thing that goes wrong.
extension ClientModel {
  /// Starts to record under a letter, or ends it.
  mutating func record(_ word: String?) {
    if macros.recording != nil { return endRecording() }
    guard let word else { return openMenu(.record, macroChoices) }
    guard let letter = word.first, word.count == 1, ClientModel.isLetter(letter) else {
      return say(.error, "record: give one letter")
    }
    macros.recording = Macros.Recording(letter: letter)
    let end = hint("record").map { "\($0) ends it" } ?? ":record ends it"
    say(.info, "Recording keys under '\(letter)'; \(end).")
  }

  private mutating func endRecording() {
    guard let recording = macros.recording else { return }
    macros.recording = nil
    // The keys that ended it are not part of it.
    let keys = Array(recording.keys.prefix(recording.start))
    guard !keys.isEmpty else { return say(.info, "Nothing was recorded.") }
    macros.keys[recording.letter] = keys
    let count = keys.count == 1 ? "1 key" : "\(keys.count) keys"
    say(.success, "Recorded \(count) under '\(recording.letter)'.")
  }

  /// Takes note of a key that a hand has pressed.
  mutating func noteKey(_ key: Key) {
    guard var recording = macros.recording, !macros.isPlaying else { return }
    // What is typed for a vault or a venue is never kept.
    guard !isLocked, keyForm == nil else { return dropRecording("a secret was asked for") }
    if prompt == nil, reader.keys.isEmpty { recording.start = recording.keys.count }
    recording.keys.append(key)
    macros.recording = recording
    if recording.keys.count > Macros.keyLimit {
      dropRecording("more than \(Macros.keyLimit) keys")
    }
  }

  /// Takes the line that is being run out of what is recorded.
  mutating func forgetRecordedLine() {
    guard let recording = macros.recording else { return }
    macros.recording?.keys = Array(recording.keys.prefix(recording.start))
  }

  /// Gives up what is recorded.
  mutating func dropRecording(_ reason: String) {
    guard macros.recording != nil else { return }
    macros.recording = nil
    say(.warning, "Nothing is recorded: \(reason).")
  }

  /// Presses the keys of a letter so many times.
  mutating func play(_ word: String?, times: Int) {
    guard let word else { return openMenu(.play(times: times), macroChoices) }
    guard let letter = word.first, word.count == 1, let keys = macros.keys[letter] else {
      return say(.error, "play: nothing is recorded under '\(word.prefix(1))'")
    }
    guard macros.recording?.letter != letter else {
      return say(.error, "play: '\(letter)' is just being recorded")
    }
    guard macros.begin() else { return }
    for _ in 0..<max(1, times) {
      for key in keys { pressFromMacro(key) }
      if !macros.stop.isEmpty { break }
    }
    macros.end()
    if !macros.isPlaying, !macros.stop.isEmpty {
      say(.warning, "The macro '\(letter)' has stopped: \(macros.stop).")
    }
  }

  private mutating func pressFromMacro(_ key: Key) {
    if isLocked || keyForm != nil { macros.halt("a secret is asked for") }
    if prompt?.use.isQuestion == true { macros.halt("a question wants your own answer") }
    guard macros.takesKey() else { return }
    let said = messages.last
    let count = messages.count
    press(key)
    // Each key finds the screen as it would be after the one before.
    settleCursors()
    if let last = messages.last, last.kind == .error, count != messages.count || last != said {
      macros.halt(last.text)
    }
  }

  private var macroChoices: [Choice] {
    macros.keys.keys.sorted().map { letter in
      let text = Sanitiser.line(Key.text(of: macros.keys[letter] ?? []).shortened(to: 60))
      var choice = Choice(.letter(letter), text)
      choice.letter = letter
      return choice
    }
  }
}
