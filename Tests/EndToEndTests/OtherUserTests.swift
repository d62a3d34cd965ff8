import CPosix
import Foundation
import Glibc
import Link
import Testing
import Wire

/// What others on the same machine get to see.
@Suite(.serialized) struct OtherUserTests {
  private static let nobody = OtherRights.user(65_534)

  private func prepared() throws -> (Home, EngineConnection) {
    let home = try Home()
    try home.makeVault()
    // What is above the folders in question is open to all, so that only they themselves guard.
    for folder in ["", "/run", "/state", "/home", "/tmp"] { chmod(home.path + folder, 0o755) }
    return (home, try home.unlock())
  }

  @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
  func `another user can open neither the vault nor the socket`() throws {
    let (home, connection) = try prepared()
    _ = try connection.ask(
      Request("backup", ["path": home("main.coffer-backup"), "user": "test"]))
    let place = home.place
    let paths = [
      home.vault, home("vault/slots"), home("vault/vault-1.db"), home("vault/vault-1.db-wal"),
      place.runtimeFolder, place.socket, place.stateFolder, place.log, place.anchors,
      home("main.coffer-backup"),
    ]
    let found = try #require(
      OtherUserTests.nobody.run { paths.map { Kernel.open($0) } + [getuid() == 65_534 ? 0 : 1] })
    #expect(found == paths.map { _ in EACCES } + [0])
    let connected = OtherUserTests.nobody.run { OtherUserTests.talk(to: place.socket) }
    #expect(connected == .refused(EACCES))
  }

  @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
  func `where the modes were loosened, the engine still refuses another user`() throws {
    let (home, connection) = try prepared()
    let socket = home.place.socket
    chmod(home.place.runtimeFolder, 0o777)
    chmod(socket, 0o777)
    #expect(OtherUserTests.nobody.run { OtherUserTests.talk(to: socket) } == .closed)
    // The owner is heard all the same, and the log says who came.
    #expect(OtherUserTests.talk(to: socket) == .heard)
    _ = try connection.ask(Request("status"))
    let log = String(decoding: Proc.bytes(of: home.place.log), as: UTF8.self)
    #expect(log.contains("client refused uid=65534"))
  }

  @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
  func `another user sees nothing of the process`() throws {
    let (_, connection) = try prepared()
    let engine = connection.peer
    let found = try #require(
      OtherUserTests.nobody.run {
        ["mem", "environ", "maps", "fd", "auxv", "stack"].map {
          Kernel.read("/proc/\(engine)/\($0)")
        } + [Kernel.seize(engine), kill(engine, 0) == 0 ? 0 : errno]
      })
    #expect(found.dropLast(2).allSatisfy { $0 == EACCES || $0 == EPERM }, "\(found)")
    #expect(found.suffix(2) == [EPERM, EPERM])
  }

  @Test func `even the same user cannot look into the engine`() throws {
    let home = try Home()
    try home.makeVault()
    // Root without its privileges is a user like others; the kernel compares those of both sides.
    let wrapper =
      try geteuid() == 0
      ? [#require(Programs.system("setpriv")), "--bounding-set=-all", "--inh-caps=-all"] : []
    let unguarded = try Child(
      wrapper.isEmpty ? ["/bin/sleep", "600"] : wrapper + ["/bin/sleep", "600"],
      environment: home.environment())
    let other = unguarded.process
    #expect(eventually { Proc.arguments(of: other).hasPrefix("/bin/sleep") })
    let engine = try home.start(through: wrapper).peer
    // First the proof that the same way works with a process that does not guard itself.
    let names = ["mem", "environ", "maps", "auxv"]
    let control = OtherRights.unprivileged.run { names.map { Kernel.open("/proc/\(other)/\($0)") } }
    #expect(control == [0, 0, 0, 0])
    let found = try #require(
      OtherRights.unprivileged.run {
        names.map { Kernel.open("/proc/\(engine)/\($0)") } + [Kernel.seize(engine)]
      })
    #expect(found.allSatisfy { $0 == EACCES || $0 == EPERM }, "\(found)")
  }

  @Test func `no secret stands in arguments or environment, and no core may be written`() throws {
    let (home, connection) = try prepared()
    let processes = Proc.processes(with: home.path)
    #expect(processes.contains(connection.peer))
    for process in processes {
      for name in ["cmdline", "environ"] {
        let text = String(decoding: Proc.bytes(of: "/proc/\(process)/\(name)"), as: UTF8.self)
        #expect(name == "environ" || text.contains(home.path))
        for secret in [Home.passphrase, home.recoveryCode] { #expect(!text.contains(secret)) }
      }
    }
    let limits = String(
      decoding: Proc.bytes(of: "/proc/\(connection.peer)/limits"), as: UTF8.self)
    let core = try #require(limits.split(separator: "\n").first { $0.contains("core file") })
    #expect(core.split(whereSeparator: \.isWhitespace).dropFirst(4).prefix(2) == ["0", "0"])
  }

  private enum Talk: Equatable {
    case refused(Int32)
    case closed
    case heard
  }

  /// Says hello on a socket and tells what came of it.
  private static func talk(to path: String) -> Talk {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    guard posix_unix_connect(descriptor, path) == 0 else { return .refused(errno) }
    let hello = FrameAssembler.frame(
      ClientMessage.hello(version: ClientMessage.version, isReadOnly: true))
    _ = send(descriptor, hello, hello.count, Int32(MSG_NOSIGNAL))
    var line = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&line, 1, Child.patience) == 1 else { return .heard }
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, 0) == 1 ? .heard : .closed
  }
}
