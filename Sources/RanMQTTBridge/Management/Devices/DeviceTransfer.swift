// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import TTNClient

extension ManagementSubcommand {
    static let deviceImport = ManagementSubcommand(
        name: "device import",
        usage: "APP FILE [--format jsonl|csv] [--overwrite] [--dry-run]",
        summary: "Registers all devices of a list; a wrong line is reported and spoils no other.",
        details: """
              FILE                  the list, - for standard input
              --format jsonl|csv    one JSON object a line, or the table of The Things Stack; by default as the
                                    file's name ends, else jsonl
              --overwrite           replace devices that are registered and differ, which are refused without it

            Devices that are registered already and equal are left as they are, so a list can be imported again after
            its wrong lines are mended. Exit code 1 when a line was refused.
            """,
        example: "meters devices.csv",
        options: ["--format"],
        flags: ["--overwrite"],
        effect: .changes,
        run: { call in
            let words = try call.words("application's id", "file")
            let format = try call.format(ofFile: words[1])
            let records = try DeviceRecords(TextFile.read(words[1]), format: format)
            return try await call.importDevices(records, to: words[0], format: format)
        },
    )

    static let deviceExport = ManagementSubcommand(
        name: "device export",
        usage: "APP [--format jsonl|csv] [--keys] [--output FILE]",
        summary: "Writes all devices of an application as a list that `device import` takes.",
        details: """
              --format jsonl|csv    one JSON object a line, or the table of The Things Stack; jsonl without it
              --keys                with their keys: needs the right devices:keys; without, the list can restore none
              --output FILE         where to; standard output without it
            """,
        example: "meters --keys --output devices.jsonl",
        options: ["--format", "--output"],
        flags: ["--keys"],
        run: { call in
            let application = try call.words("application's id")[0]
            let path = call.arguments.options["--output"] ?? "-"
            return try await call.exportDevices(of: application, to: path, format: call.format(ofFile: path))
        },
    )
}

extension ManagementCall {
    /// The format that `--format` or the name of a file says.
    fileprivate func format(ofFile path: String) throws(UsageError) -> DeviceRecords.Format {
        guard let word = arguments.options["--format"] else { return path.hasSuffix(".csv") ? .csv : .jsonl }
        guard let format = DeviceRecords.Format(rawValue: word) else {
            throw UsageError("--format is jsonl or csv, not '\(word)'")
        }
        return format
    }

    fileprivate func importDevices(
        _ records: DeviceRecords,
        to application: String,
        format: DeviceRecords.Format,
    ) async throws -> ExitCode {
        if isDryRun {
            let summary: JSONValue = [
                "devices": .integer(Int64(records.count)), "requests": .integer(Int64(records.pieces.count)),
            ]
            answer(summary) { "would import \(records.count) devices in \(records.pieces.count) requests" }
            return .success
        }
        var report = ImportReport()
        var bar = ProgressBar("importing", total: records.count)
        var done = 0
        for piece in records.pieces {
            var body: JSONObject = ["format": .string(format.rawValue), "data": .string(piece.text)]
            if arguments.flags.contains("--overwrite") { body["overwrite"] = true }
            do throws(TTNClientError) {
                report.add(try await ask("import_devices", body, of: .application(application)), of: piece)
            } catch {
                bar.end()
                Console.complain("stopped behind \(done) of \(records.count) devices; import the list again to go on")
                throw error
            }
            done += piece.count
            bar.show(done)
        }
        bar.end()
        answer(report.json) { report.text }
        return report.failures.isEmpty ? .success : .failure
    }

    fileprivate func exportDevices(
        of application: String,
        to path: String,
        format: DeviceRecords.Format,
    ) async throws -> ExitCode {
        var body: JSONObject = ["format": .string(format.rawValue)]
        let file = try OutputFile(path)
        var bar = ProgressBar("exporting", total: 0)
        var heading: Substring?
        var count = 0
        repeat {
            let page = try await ask("export_devices", body, of: scope(application))
            guard let data = page["data"]?.text else {
                throw TTNClientError.malformedAnswer(method: "export_devices", problem: "it has no text 'data'")
            }
            var text = data[...]
            if format == .csv {
                // Each page is a table of its own; one needs its headings once.
                let first = data.prefix { $0 != "\n" }
                if heading == first { text = data.dropFirst(first.count + 1) }
                heading = first
            }
            try file.write(String(text))
            count += text.utf8.count(where: { $0 == UInt8(ascii: "\n") })
            bar.show(count)
            body["after"] = page["next"]
        } while body["after"] != nil
        bar.end()
        return .success
    }
}
