// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// What became of a list that was imported piece by piece.
struct ImportReport {
    /// Counts of the bridge by their names, such as `imported`.
    private var counts: [(name: String, count: Int64)] = []
    /// What is wrong with which line of the whole list.
    private(set) var failures: [JSONValue] = []

    /// Adds the answer to one piece.
    mutating func add(_ answer: JSONValue, of piece: DeviceRecords.Piece) {
        for member in answer.object?.members ?? [] {
            guard let count = member.value.wholeNumber else { continue }
            if let index = counts.firstIndex(where: { $0.name == member.name }) {
                counts[index].count += count
            } else {
                counts.append((member.name, count))
            }
        }
        for error in answer["errors"]?.elements ?? [] {
            guard var failure = error.object else { continue }
            failure["line"] = failure["line"]?.wholeNumber.map { .integer($0 + Int64(piece.lineOffset)) }
            failures.append(.object(failure))
        }
    }

    /// For scripts.
    var json: JSONValue {
        var json = JSONObject()
        for (name, count) in counts { json[name] = .integer(count) }
        json["errors"] = .array(failures)
        return .object(json)
    }

    /// For people: the counts, and a row for each wrong line.
    var text: String {
        let summary = counts.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        guard !failures.isEmpty else { return summary }
        var table = TextTable(["line", "device", "field", "error"])
        for failure in failures {
            table.add([
                ManagementTable.cell(failure["line"]), ManagementTable.cell(failure["dev_id"]),
                ManagementTable.cell(failure["field"]), ManagementTable.cell(failure["message"]),
            ])
        }
        let failed = counts.first { $0.name == "failed" }?.count ?? 0
        let unlisted = failed - Int64(failures.count)
        let rest = unlisted > 0 ? "\n\(unlisted) more are wrong; mend these and import the list again" : ""
        return summary + "\n\n" + table.text + rest
    }
}
