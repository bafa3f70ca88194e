// SPDX-License-Identifier: Apache-2.0
import Glibc
import PayloadCodec

// What an uplink costs: `stages` one by one in this process, `e2e` through the real programs, `growth` with more devices.
// The other words are the parts that the bench starts as processes of their own.
CodecWorker.runIfRequested()
let words = Array(CommandLine.arguments.dropFirst())
signal(SIGPIPE, SIG_IGN)
switch words.first {
case "generate": exit(try await GenerateCommand.run(Array(words.dropFirst())))
case "subscribe": exit(SubscribeCommand.run(Array(words.dropFirst())))
case "publish": exit(PublishCommand.run(Array(words.dropFirst())))
default:
    do {
        exit(try Bench.run(words))
    } catch {
        print("bench: \(error)")
        exit(1)
    }
}
