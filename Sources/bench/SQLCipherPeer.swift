import Foundation

/// Real SQLCipher 4, through Python's module `sqlcipher3`, doing the same SQL as we do.
///
/// The interpreter is `$COFFER_SQLCIPHER_PYTHON`, else `python3`. It measures the same work on a
/// database without a key, which is plain SQLite of the same build, and on one with a raw key.
struct SQLCipherPeer {
  private let interpreter: String

  /// Finds the module; `nil` where there is none.
  init?() {
    interpreter = ProcessInfo.processInfo.environment["COFFER_SQLCIPHER_PYTHON"] ?? "python3"
    guard (try? output(of: "import sqlcipher3; print(1)", [])) == "1" else { return nil }
  }

  /// The version of SQLite it is built on.
  var version: String {
    (try? output(of: "import sqlcipher3; print(sqlcipher3.sqlite_version)", [])) ?? "unknown"
  }

  /// Seconds of the steps of a workload, plain and encrypted.
  ///
  /// - Parameters:
  ///   - steps: The workload.
  ///   - folder: Where the databases are made.
  /// - Returns: For each step its seconds without and with a key.
  /// - Throws: What went wrong in the interpreter.
  func measure(
    _ steps: [Workload.Step], in folder: String
  ) throws -> [(plain: Double, encrypted: Double)] {
    let text = try JSONEncoder().encode(steps)
    let answer = try output(
      of: SQLCipherPeer.script, [folder, String(decoding: text, as: UTF8.self)])
    let seconds = try JSONDecoder().decode([[Double]].self, from: Data(answer.utf8))
    return zip(seconds[0], seconds[1]).map { ($0, $1) }
  }

  /// The interpreter did not end well.
  struct Fault: Error { let status: Int32 }

  private func output(of script: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [interpreter, "-c", script] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Fault(status: process.terminationStatus) }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static let script = """
    import json, os, sys, time
    import sqlcipher3
    folder, steps = sys.argv[1], json.loads(sys.argv[2])
    def connect(path, keyed):
        db = sqlcipher3.connect(path, isolation_level=None)
        if keyed:
            db.execute("PRAGMA key = \\"x'" + "2a" * 32 + "'\\"")
        db.execute("PRAGMA temp_store = MEMORY")
        return db
    def run(keyed):
        path = os.path.join(folder, "peer-%d.db" % keyed)
        for end in ("", "-wal", "-shm"):
            if os.path.exists(path + end):
                os.remove(path + end)
        db, taken = connect(path, keyed), []
        for step in steps:
            if step["reopens"]:
                db.close()
                if step["evicts"]:
                    file = os.open(path, os.O_RDONLY)
                    os.fsync(file)
                    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
                    os.close(file)
                db = connect(path, keyed)
            for sql in step["before"]:
                db.execute(sql).fetchall()
            start = time.process_time()
            for sql in step["timed"]:
                db.execute(sql).fetchall()
            taken.append(time.process_time() - start)
        db.close()
        os.remove(path)
        return taken
    print(json.dumps([run(0), run(1)]))
    """
}
