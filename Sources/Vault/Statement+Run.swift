import FoundationEssentials
import GRDB

extension Statement {
  /// Runs a statement that gives no rows with values bound straight to it.
  ///
  /// The way through `StatementArguments` boxes every value; this one is for the hot path.
  func run<each Value: StatementBinding>(_ value: repeat each Value) throws {
    // The public way to reset a statement so that it takes new values.
    setUncheckedArguments(StatementArguments())
    var index: Int32 = 0
    for value in repeat each value {
      index += 1
      let code = value.bind(to: sqliteStatement, at: index)
      guard code == 0 else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
    try execute()
  }
}

extension Row {
  /// The bytes of a blob; none for NULL.
  func bytes(_ index: Int) -> [UInt8] {
    let data: Data? = self[index]
    return data.map { Array($0) } ?? []
  }
}
