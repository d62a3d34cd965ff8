import Foundation
import Testing

@testable import Cipher

struct DiagnosisTests {
  /// A closed database of 3000 rows, its size a whole number of pages.
  private func database(_ scratch: Scratch) throws -> String {
    let path = scratch.path("x.db")
    let made = try open(path)
    try made.run(create, fill)
    made.close()
    return path
  }

  private func diagnose(_ path: String, _ digits: String = keyDigits) throws -> Diagnosis {
    try CipherVFS.diagnose(path: path, key: rawKey(digits))
  }

  @Test func `a sound file is called sound`() throws {
    let scratch = try Scratch()
    let path = try database(scratch)
    let pages = try scratch.bytes("x.db").count / 4096
    #expect(try diagnose(path) == .sound(pages: pages))
    let report = try CipherVFS.checkIntegrity(path: path, key: rawKey())
    #expect(report.isSound && report.pages == pages && report.blankPages == 0)
  }

  @Test func `a wrong key is told from damage`() throws {
    let scratch = try Scratch()
    let path = try database(scratch)
    #expect(try diagnose(path, String(keyDigits.reversed())) == .wrongKey)
    var file = try scratch.bytes("x.db")
    file[2000] ^= 1  // page 1 alone looks like a wrong key
    file[5 * 4096] ^= 1
    try scratch.write(file, "x.db")
    #expect(try diagnose(path) == .damaged(first: 1, count: 2))
    let report = try CipherVFS.checkIntegrity(path: path, key: rawKey())
    #expect(report.damagedPages == [1, 6] && !report.isSound)
  }

  @Test(arguments: [1, 4096, 8193])
  func `a cut file is called truncated`(_ missing: Int) throws {
    let scratch = try Scratch()
    let path = try database(scratch)
    let whole = try scratch.bytes("x.db")
    try scratch.write(whole.dropLast(missing), "x.db")
    let size = Int64(whole.count - missing)
    #expect(try diagnose(path) == .truncated(bytes: size, expectedPages: whole.count / 4096))
  }

  @Test func `what is no database of ours is called what it is`() throws {
    let scratch = try Scratch()
    CipherVFS.install()
    let plain = try Connection(scratch.path("plain.db"), vfs: "unix")
    try plain.run(create)
    plain.close()
    #expect(try diagnose(scratch.path("plain.db")) == .notEncrypted)
    try scratch.write([], "empty.db")
    #expect(try diagnose(scratch.path("empty.db")) == .empty)
    try scratch.write([1, 2, 3], "short.db")
    #expect(try diagnose(scratch.path("short.db")) == .notADatabase(bytes: 3))
    try scratch.write([UInt8](repeating: 9, count: 8192), "noise.db")
    #expect(try diagnose(scratch.path("noise.db")) == .wrongKey)
    let missing = scratch.path("missing.db")
    #expect(
      throws: CipherVFS.DiagnosisFault.system(path: String(missing.prefix(80)), code: ENOENT)
    ) { try diagnose(missing) }
  }

  @Test func `progress goes up to the end and can stop the check`() throws {
    let scratch = try Scratch()
    let path = scratch.path("x.db")
    let made = try open(path)
    try made.run("CREATE TABLE z(b)", "INSERT INTO z VALUES(randomblob(3000000))")
    made.close()
    var seen: [Int] = []
    var total = 0
    _ = try CipherVFS.checkIntegrity(path: path, key: rawKey()) { done, all in
      seen.append(done)
      total = all
      return true
    }
    #expect(seen == seen.sorted() && seen.count > 2 && seen.last == total)
    let stopped = try CipherVFS.checkIntegrity(path: path, key: rawKey()) { _, _ in false }
    #expect(stopped.wasCancelled && stopped.pages == 256 && !stopped.isSound)
  }
}
