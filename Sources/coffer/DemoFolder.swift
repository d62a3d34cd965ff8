import Glibc
import Link
import Wire

/// The temporary folder that a demonstration lives in; nothing is written outside it.
struct DemoFolder {
  let path: String

  init() throws(Refusal) {
    let parent = EnginePlace.environment("TMPDIR") ?? "/tmp"
    var template = Array("\(parent)/coffer-demo-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Refusal(
        .system, "cannot make a folder in \(parent): \(systemText(errno))",
        advice: "Set TMPDIR to a folder that can be written.")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Everything of the demonstration's engine in this folder.
  var place: EnginePlace {
    EnginePlace(vault: path + "/demo", runtimeFolder: path + "/run", stateFolder: path + "/state")
  }

  /// Removes the folder and everything in it; what the engine is still removing may be gone.
  func remove() {
    FolderTree.remove(path)
  }
}
