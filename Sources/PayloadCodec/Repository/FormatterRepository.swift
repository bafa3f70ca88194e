// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import JSON
internal import Synchronization

/// A directory of codec scripts that devices refer to by name, with a manifest `formatters.json`:
///
/// ```json
/// [{"vendor": "example", "model": "soil-probe", "firmware": "1.2", "file": "soil-probe.js"}]
/// ```
///
/// `reload` reads it anew without a restart: all of it takes effect, or, with an error, none of it.
public final class FormatterRepository: Sendable {
    /// The manifest's file name.
    public static let manifest = "formatters.json"
    /// The largest script, in octets.
    public static let scriptLimit = 512 * 1024

    private struct Contents {
        var entries: [FormatterEntry] = []
        var byName: [String: Formatter] = [:]
        /// Formatters that the codec has looked at.
        var checked: Set<Formatter> = []
    }

    /// Where it lies.
    public let directory: String
    private let contents: Mutex<Contents>

    /// Reads a directory.
    public init(directory: String) throws(FormatterRepositoryError) {
        self.directory = directory
        contents = Mutex(try FormatterRepository.read(directory))
    }

    /// Reads the directory again; on an error what was read before stays.
    ///
    /// - Returns: how many formatters there are.
    @discardableResult
    public func reload() throws(FormatterRepositoryError) -> Int {
        let fresh = try FormatterRepository.read(directory)
        return contents.withLock { contents in
            contents = fresh
            return contents.entries.count
        }
    }

    /// Reads the directory again and has the scripts that changed looked at: one that does not parse, does not end or defines
    /// no function of any dialect is an error. On an error what was read before stays.
    ///
    /// - Returns: how many formatters there are.
    @discardableResult
    public func reload(checkedBy codec: PayloadCodec) async throws(FormatterRepositoryError) -> Int {
        let directory = directory
        let read = await runBlocking("formatters") { () -> Result<Contents, FormatterRepositoryError> in
            do throws(FormatterRepositoryError) {
                return .success(try FormatterRepository.read(directory))
            } catch {
                return .failure(error)
            }
        }
        let fresh = try read.get()
        let known = contents.withLock { $0.checked }
        var checked: Set<Formatter> = []
        for entry in fresh.entries where checked.insert(entry.formatter).inserted && !known.contains(entry.formatter) {
            try await check(entry, codec)
        }
        return contents.withLock { contents in
            contents = fresh
            contents.checked = checked
            return contents.entries.count
        }
    }

    private func check(_ entry: FormatterEntry, _ codec: PayloadCodec) async throws(FormatterRepositoryError) {
        // A name of its own: a script that oversteps costs no application anything.
        let listed = await codec.list(entry.formatter, as: "formatter \(entry.name)")
        let path = directory + "/" + entry.file
        if let failure = listed.failure { throw .badScript(path: path, detail: failure.description) }
        if listed.functions.isEmpty { throw .badScript(path: path, detail: "it defines no function of any dialect") }
    }

    /// The formatter of a name: `vendor/model@firmware`, or `vendor/model` for the last one listed of that model.
    public func formatter(named name: String) -> Formatter? { contents.withLock { $0.byName[name] } }

    /// All formatters in the order of the manifest.
    public var entries: [FormatterEntry] { contents.withLock { $0.entries } }

    private static func read(_ directory: String) throws(FormatterRepositoryError) -> Contents {
        let path = directory + "/" + manifest
        guard let octets = CommandOutput.contents(path) else { throw .noManifest(path: path) }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: octets)
        } catch {
            throw .badManifest(path: path, detail: error.description)
        }
        guard case .array(let elements) = value else { throw .badManifest(path: path, detail: "it must be an array") }
        var result = Contents()
        for (index, element) in elements.enumerated() {
            let entry = try entry(element, number: index + 1, directory, path)
            guard !result.entries.contains(where: { $0.name == entry.name }) else {
                throw .badManifest(path: path, detail: "\(entry.name) is listed twice")
            }
            result.entries.append(entry)
            result.byName[entry.name] = entry.formatter
            result.byName["\(entry.vendor)/\(entry.model)"] = entry.formatter
        }
        return result
    }

    private static func entry(
        _ element: JSONValue,
        number: Int,
        _ directory: String,
        _ manifest: String,
    ) throws(FormatterRepositoryError) -> FormatterEntry {
        let known: Set = ["vendor", "model", "firmware", "file", "description"]
        guard case .object(let object) = element else {
            throw .badManifest(path: manifest, detail: "entry \(number) must be an object")
        }
        if let unknown = object.members.first(where: { !known.contains($0.name) }) {
            throw .badManifest(path: manifest, detail: "entry \(number) has an unknown member \(unknown.name)")
        }
        var texts: [String: String] = [:]
        for name in ["vendor", "model", "file"] {
            guard let text = object[name]?.text, !text.isEmpty else {
                throw .badManifest(path: manifest, detail: "entry \(number) needs a text `\(name)`")
            }
            texts[name] = text
        }
        let (vendor, model, file) = (texts["vendor"] ?? "", texts["model"] ?? "", texts["file"] ?? "")
        let firmware = object["firmware"]?.text ?? ""
        guard ![vendor, model, firmware].contains(where: { $0.contains("/") || $0.contains("@") }) else {
            throw .badManifest(path: manifest, detail: "entry \(number): names must not hold `/` or `@`")
        }
        guard !file.hasPrefix("/"), !file.split(separator: "/").contains("..") else {
            throw .badManifest(path: manifest, detail: "entry \(number): `file` must lie in the directory")
        }
        let path = directory + "/" + file
        guard let script = CommandOutput.script(path) else { throw .badScript(path: path, detail: "it cannot be read") }
        guard script.utf8.count <= scriptLimit else {
            throw .badScript(path: path, detail: "it has \(script.utf8.count) octets, at most \(scriptLimit) are run")
        }
        return FormatterEntry(
            vendor: vendor,
            model: model,
            firmware: firmware,
            file: file,
            formatter: .javascript(script: script),
        )
    }
}
