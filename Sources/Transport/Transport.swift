// What this target is: see the table in Sources/ARCHITECTURE.md.
import CCurl
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
