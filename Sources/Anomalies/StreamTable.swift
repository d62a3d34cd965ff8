/// Streams by their key, each changed in its place: a large value is neither copied nor moved.
struct StreamTable<Value: Kept & Sendable>: Sendable {
  private var places: [StreamKey: Int] = [:]
  private(set) var keys: [StreamKey] = []
  private var values: [Value] = []

  /// How many there are.
  var count: Int { keys.count }

  /// The place of a stream; `nil` where it is not known.
  func place(of key: StreamKey) -> Int? { places[key] }

  /// The stream at a place.
  subscript(place: Int) -> Value {
    _read { yield values[place] }
    _modify { yield &values[place] }
  }

  /// Adds a stream that is not known yet.
  ///
  /// - Returns: Its place.
  mutating func add(_ value: Value, _ key: StreamKey) -> Int {
    places[key] = keys.count
    keys.append(key)
    values.append(value)
    return keys.count - 1
  }
}

extension StreamTable: Kept {
  func write(to writer: inout StateWriter) {
    writer.put(count)
    for (key, place) in places.sorted(by: { $0.key < $1.key }) {
      key.write(to: &writer)
      values[place].write(to: &writer)
    }
  }

  init(from reader: inout StateReader) throws(StateFault) {
    for _ in 0..<(try reader.int(0...(1 << 20))) {
      let key = try StreamKey(from: &reader)
      let value = try Value(from: &reader)
      if let place = places[key] { values[place] = value } else { _ = add(value, key) }
    }
  }
}
