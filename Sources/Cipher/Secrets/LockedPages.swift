import CPosix
import Glibc

/// Memory for secrets: whole pages, kept out of swap, core files and forked children.
///
/// The pages stand between two pages nobody may touch, so that running over either end stops the
/// program instead of reading a neighbour. They are wiped before they are given back.
/// Source: mmap(2), mlock(2), madvise(2) with MADV_DONTDUMP and MADV_WIPEONFORK.
final class LockedPages {
  /// The first usable byte, on a page boundary.
  let start: UnsafeMutableRawPointer
  /// Usable bytes, a multiple of the page size.
  let size: Int
  /// Whether the system keeps the pages out of swap; false when RLIMIT_MEMLOCK is used up.
  let isLocked: Bool

  private static let page = max(4096, sysconf(Int32(_SC_PAGESIZE)))

  /// Zeroed pages for at least `count` bytes, or nil when the system has none.
  init?(count: Int) {
    let page = Self.page
    size = (max(count, 1) + page - 1) / page * page
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let mapping = mmap(nil, size + 2 * page, PROT_NONE, flags, -1, 0),
      mapping != MAP_FAILED
    else { return nil }
    start = mapping + page
    guard mprotect(start, size, PROT_READ | PROT_WRITE) == 0 else {
      munmap(mapping, size + 2 * page)
      return nil
    }
    isLocked = mlock(start, size) == 0
    // Both are refinements a kernel may lack; the secret is usable without them.
    _ = posix_dontdump(start, size)
    _ = posix_wipeonfork(start, size)
  }

  deinit {
    if mprotect(start, size, PROT_READ | PROT_WRITE) == 0 { posix_wipe(start, size) }
    munlock(start, size)
    munmap(start - Self.page, size + 2 * Self.page)
  }

  /// Makes the pages read-only until they are given back.
  func seal() {
    // Refused only when the mapping is gone, which `start` rules out; reading works either way.
    _ = mprotect(start, size, PROT_READ)
  }
}
