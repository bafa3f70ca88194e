// SPDX-License-Identifier: Apache-2.0
import Glibc
import LoRaWAN
import Store
import TTNMessages

// Fixed work, one process: what an uplink costs in each stage.
let arguments = Array(CommandLine.arguments.dropFirst())
if let flag = arguments.firstIndex(of: "--memory") {
    // Memory that another measurement left behind would hide what the devices take: one number of devices a process.
    try NetworkServerStages.printMemory(devices: arguments.dropFirst(flag + 1).first.flatMap { Int($0) } ?? 100_000)
    exit(0)
}
let results = arguments.first { !$0.hasPrefix("--") } ?? "bench/results.json"
var measurements: [Measurement] = []
measurements += try AirStages.measure()
measurements += try NetworkServerStages.measure()
measurements += try MessageStages.measure()
measurements += try StoreStages.measure()
measurements += try RANStages.measure()
let report = Report(measurements: measurements)
report.print(against: Report.read(results))
if arguments.contains("--save"), let file = fopen(results, "w") {
    fputs(report.json, file)
    fclose(file)
}
