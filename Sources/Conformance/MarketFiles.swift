import Foundation
import Transport

/// Comma-separated files of prices below a folder, each read once.
final class MarketFiles {
  /// A file's rows by the names of its header.
  struct Table {
    let names: [String]
    let places: [String: Int]
    let rows: [[Substring]]

    /// The texts of a column.
    func texts(_ name: String) -> [Substring]? {
      guard let place = places[name] else { return nil }
      return rows.map { place < $0.count ? $0[place] : "" }
    }

    /// The numbers of a column, `nil` where a cell is empty.
    func numbers(_ name: String) -> [Double?]? { texts(name)?.map { Double($0) } }
  }

  private static let largest = 256 << 20
  private let folder: URL
  private var tables: [String: Table] = [:]

  init(folder: URL) {
    self.folder = folder
  }

  /// The table of a file; gzip files end in `.gz`.
  func table(_ path: String) throws(RiskCaseFault) -> Table {
    if let known = tables[path] { return known }
    guard !path.split(separator: "/").contains("..") else { throw .unreadable(path) }
    let url = folder.appending(path: path)
    guard let data = try? Data(contentsOf: url) else { throw .unreadable(path) }
    var bytes = Array(data)
    if path.hasSuffix(".gz") {
      guard let plain = try? gunzip(bytes, limit: MarketFiles.largest) else {
        throw .unreadable(path)
      }
      bytes = plain
    }
    let table = MarketFiles.table(String(decoding: bytes, as: UTF8.self))
    tables[path] = table
    return table
  }

  private static func table(_ text: String) -> Table {
    let lines = text.utf8.split(separator: 10)
    var rows = lines.map { line in
      line.split(separator: 44, omittingEmptySubsequences: false).map {
        Substring($0.last == 13 ? $0.dropLast() : $0)
      }
    }
    let names = rows.isEmpty ? [] : rows.removeFirst().map(String.init)
    let places = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    return Table(names: names, places: places, rows: rows)
  }
}
