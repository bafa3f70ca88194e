// SPDX-License-Identifier: Apache-2.0
import Glibc
import PayloadCodec

// What an uplink costs: `stages`, `ran` and `codec` one by one in this process, `e2e` through the real programs,
// `downlinks` the other way, `growth` with more devices, `memory` what these take in the state machine.
// `soak SECONDS` shows whether anything grows, `profile [CANDIDATES [RATE]]` where the bridge's time goes.
// The other words are the parts that the bench starts as processes of their own.
CodecWorker.runIfRequested()
let words = Array(CommandLine.arguments.dropFirst())
signal(SIGPIPE, SIG_IGN)
switch words.first {
case "generate": exit(try await GenerateCommand.run(Array(words.dropFirst())))
case "subscribe": exit(SubscribeCommand.run(Array(words.dropFirst())))
case "publish": exit(PublishCommand.run(Array(words.dropFirst())))
case "profile":
    do {
        let numbers = words.compactMap { Int($0) }
        if words.contains("start") {
            try Profile.start(devices: numbers.first ?? 100_000)
        } else {
            try Profile.run(candidates: numbers.first ?? 2, rate: numbers.dropFirst().first.map(Double.init))
        }
    } catch {
        print("profile: \(error)")
        exit(1)
    }
case "soak":
    do {
        exit(try Soak.run(seconds: words.dropFirst().first.flatMap { Int($0) } ?? 1800) ? 0 : 1)
    } catch {
        print("soak: \(error)")
        exit(1)
    }
case "fleet":
    try NetworkServerStages.printMemory(devices: words.dropFirst().first.flatMap { Int($0) } ?? 100_000)
default:
    do {
        exit(try Bench.run(words))
    } catch {
        print("bench: \(error)")
        exit(1)
    }
}
