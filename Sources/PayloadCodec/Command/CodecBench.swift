// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// `codec bench`: what formatters cost on this machine, one JSON line a figure.
enum CodecBench {
    static func main(_ arguments: [String]) async -> Int32 {
        var calls = 1_000_000
        var stages: [CodecBenchmark.Stage] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--calls", let given = rest.popFirst().flatMap({ Int($0) }), given >= 1000 {
                calls = given
            } else if let stage = CodecBenchmark.Stage(rawValue: argument) {
                stages.append(stage)
            } else {
                CommandOutput.complain(CodecCommand.usage, terminator: "")
                return 2
            }
        }
        if stages.isEmpty { stages = CodecBenchmark.Stage.allCases }
        do throws(CodecError) {
            try await CodecBenchmark(calls: calls).run(stages) { figure in
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
