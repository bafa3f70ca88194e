// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// `codec bench`: what formatters cost on this machine, one JSON line a figure.
enum CodecBench {
    static func main(_ arguments: [String]) async -> Int32 {
        var calls = 1_000_000
        if arguments.first == "--calls", arguments.count == 2, let given = Int(arguments[1]), given >= 1000 {
            calls = given
        } else if !arguments.isEmpty {
            CommandOutput.complain(CodecCommand.usage, terminator: "")
            return 2
        }
        do throws(CodecError) {
            try await CodecBenchmark(calls: calls).run { figure in
                var json = JSONWriter()
                json.object { json in
                    json.member("benchmark", figure.name)
                    json.member("value", (figure.value * 1000).rounded() / 1000)
                    json.member("unit", figure.unit)
                    json.member("calls", figure.calls)
                }
                CommandOutput.print(json.bytes)
            }
            return 0
        } catch {
            CommandOutput.complain("error: \(error)")
            return 2
        }
    }
}
