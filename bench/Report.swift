// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSON

/// Prints the table and compares it with the last committed results.
struct Report {
    let measurements: [Measurement]

    func print(against old: [String: Double]) {
        Swift.print("us are of CPU an operation; spread is (max - min) / median over the rounds")
        for one in measurements {
            let name = one.name + String(repeating: " ", count: max(1, 52 - one.name.utf8.count))
            let unit = one.unit + String(repeating: " ", count: max(0, 6 - one.unit.utf8.count))
            var line = "\(name)\(Report.rounded(one.median)) \(unit)"
            // Shares lie about zero: how far two are apart says more than how many times one is the other.
            let isShare = one.unit == "%"
            if let least = one.rounds.first, let most = one.rounds.last, one.rounds.count > 1 {
                line += isShare ? "   \(Int(least)) to \(Int(most)) %" : "   spread \(Int(one.spread * 100)) %"
            }
            if let before = old[one.name], isShare || before > 0 {
                let change = isShare ? (one.median - before) / 100 : one.median / before - 1
                let noise = isShare ? one.range / 100 : one.spread
                let points = Int((change * 100).rounded())
                line += "   \(points >= 0 ? "+" : "")\(points) \(isShare ? "points" : "%") to the last results"
                if abs(change) > max(0.15, noise) { line += "   <-- above 15 \(isShare ? "points" : "%")" }
            }
            Swift.print(line)
        }
    }

    /// The results as JSON, for the next comparison; what was not measured keeps its old value.
    func json(keeping old: [String: Double]) -> String {
        var object = JSONObject()
        for (name, value) in old.sorted(by: { $0.key < $1.key }) { object[name] = .number(value) }
        for one in measurements { object[one.name] = .number((one.median * 1000).rounded() / 1000) }
        return JSONValue.object(object).jsonText + "\n"
    }

    /// Results of an earlier run; empty when there are none.
    static func read(_ path: String) -> [String: Double] {
        guard let file = fopen(path, "r") else { return [:] }
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { text += buffer[..<count] }
        guard let members = (try? JSONValue(parsing: text))?.object?.members else { return [:] }
        return Dictionary(members.compactMap { member in member.value.double.map { (member.name, $0) } }) { $1 }
    }

    private static func rounded(_ value: Double) -> String {
        let text = "\((value * 100).rounded() / 100)"
        return String(repeating: " ", count: max(0, 9 - text.utf8.count)) + text
    }
}
