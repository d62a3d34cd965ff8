import GRDBSQLite

/// The table of functions SQLite calls for a file of ours.
///
/// Version 2 has no `xFetch`, so SQLite never maps a file into memory and reads past us.
/// Source: https://www.sqlite.org/c3ref/io_methods.html.
func makeFileMethods() -> sqlite3_io_methods {
  var methods = sqlite3_io_methods()
  methods.iVersion = 2
  setContent(&methods)
  setProperties(&methods)
  setLocks(&methods)
  setSharedMemory(&methods)
  return methods
}

/// The state behind a file SQLite hands back to us; only files `openCipherFile` made come here.
@inline(__always) private func state(_ file: FilePointer?) -> CipherFile? {
  guard let head = head(file) else { return nil }
  return head.pointee.state?._withUnsafeGuaranteedRef { $0 }
}

func head(_ file: FilePointer?) -> UnsafeMutablePointer<FileHead>? {
  UnsafeMutableRawPointer(file)?.assumingMemoryBound(to: FileHead.self)
}

private func setContent(_ methods: inout sqlite3_io_methods) {
  methods.xRead = { file, buffer, count, offset in
    guard let file = state(file), let buffer else { return SQLITE_MISUSE }
    let bytes = buffer.assumingMemoryBound(to: UInt8.self)
    return file.read(into: bytes, count: Int(count), at: offset)
  }
  methods.xWrite = { file, buffer, count, offset in
    guard let file = state(file), let buffer else { return SQLITE_MISUSE }
    let bytes = buffer.assumingMemoryBound(to: UInt8.self)
    return file.write(from: bytes, count: Int(count), at: offset)
  }
  methods.xTruncate = { file, size in
    guard let file = state(file) else { return SQLITE_MISUSE }
    let code = file.flush()
    file.forgetContent()
    return code == SQLITE_OK ? file.methods.pointee.xTruncate(file.real, size) : code
  }
  methods.xSync = { file, flags in
    guard let file = state(file) else { return SQLITE_MISUSE }
    let code = file.flush()
    return code == SQLITE_OK ? file.methods.pointee.xSync(file.real, flags) : code
  }
  methods.xClose = { file in
    guard let head = head(file), let held = head.pointee.state else { return SQLITE_MISUSE }
    head.pointee.state = nil
    let file = held.takeRetainedValue()
    let flushed = file.flush()
    let closed = file.methods.pointee.xClose(file.real)
    return flushed == SQLITE_OK ? closed : flushed
  }
}

private func setProperties(_ methods: inout sqlite3_io_methods) {
  methods.xFileSize = { file, size in
    guard let file = state(file) else { return SQLITE_MISUSE }
    return file.methods.pointee.xFileSize(file.real, size)
  }
  methods.xFileControl = { file, operation, argument in
    guard let file = state(file) else { return SQLITE_MISUSE }
    if operation == SQLITE_FCNTL_MMAP_SIZE {
      argument?.assumingMemoryBound(to: Int64.self).pointee = 0
      return SQLITE_OK
    }
    return file.methods.pointee.xFileControl(file.real, operation, argument)
  }
  methods.xSectorSize = { file in
    guard let file = state(file) else { return 0 }
    return file.methods.pointee.xSectorSize(file.real)
  }
  methods.xDeviceCharacteristics = { file in
    guard let file = state(file) else { return 0 }
    let real = file.methods.pointee.xDeviceCharacteristics(file.real)
    return (real | Capability.powersafeOverwrite) & ~Capability.refused
  }
}

/// What SQLite may assume of the medium.
///
/// Source: https://www.sqlite.org/c3ref/c_iocap_atomic.html.
private enum Capability {
  /// Makes SQLite write a log frame's header and page whole, and journal headers of 512 bytes.
  static let powersafeOverwrite: Int32 = 0x1000
  /// Atomic writes of any size, batches of them, and reads of parts of a page: not through us.
  static let refused: Int32 = 0x1ff | 0x4000 | 0x8000
}

private func setLocks(_ methods: inout sqlite3_io_methods) {
  methods.xLock = { file, level in
    guard let file = state(file) else { return SQLITE_MISUSE }
    return file.methods.pointee.xLock(file.real, level)
  }
  methods.xUnlock = { file, level in
    guard let file = state(file) else { return SQLITE_MISUSE }
    return file.methods.pointee.xUnlock(file.real, level)
  }
  methods.xCheckReservedLock = { file, result in
    guard let file = state(file) else { return SQLITE_MISUSE }
    return file.methods.pointee.xCheckReservedLock(file.real, result)
  }
}

private func setSharedMemory(_ methods: inout sqlite3_io_methods) {
  methods.xShmMap = { file, region, size, extend, address in
    guard let file = state(file) else { return SQLITE_MISUSE }
    return file.methods.pointee.xShmMap(file.real, region, size, extend, address)
  }
  methods.xShmLock = { file, first, count, flags in
    guard let file = state(file) else { return SQLITE_MISUSE }
    file.willLockShared(first: first, flags: flags)
    return file.methods.pointee.xShmLock(file.real, first, count, flags)
  }
  methods.xShmBarrier = { file in
    guard let file = state(file) else { return }
    file.methods.pointee.xShmBarrier(file.real)
  }
  methods.xShmUnmap = { file, delete in
    guard let file = state(file) else { return SQLITE_MISUSE }
    return file.methods.pointee.xShmUnmap(file.real, delete)
  }
}
