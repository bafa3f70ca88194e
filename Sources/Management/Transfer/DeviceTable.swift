// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Devices as the CSV table of The Things Stack, with columns of ours beside it.
public enum DeviceTable {
    /// The headings, with their line break. Columns of keys are there only when keys are shown.
    public static func heading(showsKeys: Bool) -> String {
        (["id"] + DeviceColumn.all.filter { showsKeys || !$0.isKey }.map(\.name)).joined(separator: ";") + "\n"
    }

    /// One row with its line break.
    public static func row(of description: DeviceDescription, deviceID: String, showsKeys: Bool) -> String {
        let fields = DeviceColumn.all.filter { showsKeys || !$0.isKey }.map { column in
            SeparatedValues.quoted(column.write(description))
        }
        return ([SeparatedValues.quoted(deviceID)] + fields).joined(separator: ";") + "\n"
    }

    /// Reads every row; one that is wrong spoils no other. Unknown columns are passed over, as that stack does; an absent
    /// id is made of the DevEUI, `eui-…`.
    ///
    /// - Throws: when the headings cannot serve.
    public static func read(_ text: String) throws(ManagementFault) -> [TransferredDevice] {
        let rows = SeparatedValues(text).rows
        guard let heading = rows.first else {
            throw .invalid("data", "is empty; its first line must be the headings, such as id;dev_eui;join_eui;app_key")
        }
        let names = heading.fields.map { $0.trimmed().lowercased() }
        guard names.contains("dev_eui") else {
            throw .invalid("data", "has no column dev_eui; its first line must be the headings")
        }
        for (index, name) in names.enumerated() where names[..<index].contains(name) && !name.isEmpty {
            throw .invalid("data", "has two columns \(name)")
        }
        let columns = names.map { DeviceColumn.byName[$0] }
        return rows.dropFirst().map { row in device(row, names, columns) }
    }

    private static func device(
        _ row: SeparatedValues.Row,
        _ names: [String],
        _ columns: [DeviceColumn?],
    ) -> TransferredDevice {
        var deviceID: String?
        do throws(ManagementFault) {
            if row.isBroken { throw ManagementFault(.invalidArgument, "the line has a quote in the wrong place") }
            guard row.fields.count == names.count else {
                throw ManagementFault(
                    .invalidArgument,
                    "the line has \(row.fields.count) fields; the headings are \(names.count)",
                )
            }
            if let place = names.firstIndex(of: "id"), !row.fields[place].isEmpty { deviceID = row.fields[place] }
            var description = DeviceDescription()
            for (index, field) in row.fields.enumerated() {
                let text = field.trimmed()
                guard !text.isEmpty, let column = columns[index] else { continue }
                // A text keeps its blanks.
                let value = column.name == "description" ? field : text
                if let problem = column.read(value, &description) { throw .invalid(names[index], problem) }
            }
            if deviceID == nil, let devEUI = description.devEUI { deviceID = "eui-\(devEUI.hex)" }
            settle(&description)
            return TransferredDevice(line: row.line, deviceID: deviceID, description: .success(description))
        } catch {
            return TransferredDevice(line: row.line, deviceID: deviceID, description: .failure(error))
        }
    }

    /// The table has no column for the NwkSKey of 1.0: it stands where 1.1 has its first.
    private static func settle(_ description: inout DeviceDescription) {
        if !description.effectiveVersion.is11, let key = description.fNwkSIntKey {
            description.nwkSKey = key
            description.fNwkSIntKey = nil
        }
    }
}

extension String {
    /// Without blanks at its ends.
    fileprivate func trimmed() -> String {
        var text = self[...]
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}
