// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Glibc
internal import Observability
internal import RANSimulator

signal(SIGPIPE, SIG_IGN)
let signals = SignalSource([SIGTERM, SIGINT])
exit(await run(CommandLine.arguments.dropFirst(), until: signals))

/// Runs the program; returns its exit code.
func run(_ arguments: some Sequence<String>, until signals: SignalSource) async -> Int32 {
    let options: CommandLineOptions
    do throws(CommandLineOptions.Mistake) {
        options = try CommandLineOptions(arguments)
    } catch {
        Output.error(error.sentence)
        return 2
    }
    if options.wantsHelp {
        Output.line(CommandLineOptions.help)
        return 0
    }
    let scenario: Scenario
    do throws(SimulatorError) {
        scenario = try makeScenario(options)
    } catch {
        Output.error(error.description)
        return 2
    }
    let logger = Logger(component: "ran-simulator", sink: LogSink(level: .warning))
    let simulator = RANSimulator(configuration: scenario.configuration, logger: logger)
    do throws(SimulatorError) {
        let port = try simulator.start()
        let scheme = scenario.configuration.tls == nil ? "http" : "https"
        Output.line("listening on \(scheme)://\(scenario.configuration.address):\(port)/api/v1.0")
        for fault in scenario.faults { try await simulator.inject(fault) }
    } catch {
        Output.error(error.description)
        return 1
    }
    await waitForEnd(signals, seconds: options.seconds)
    Output.line(summary(of: await simulator.snapshot()))
    simulator.stop()
    return 0
}

func makeScenario(_ options: CommandLineOptions) throws(SimulatorError) -> Scenario {
    var scenario: Scenario
    if let path = options.scenario {
        guard let text = contents(ofFile: path) else { throw .badRequest("cannot read the scenario file \(path)") }
        scenario = try Scenario(parsing: text, file: path, token: options.token)
    } else {
        guard let token = options.token else { throw .badRequest("--token T is needed without a scenario") }
        scenario = try Scenario(parsing: Array("{}".utf8), file: "no scenario", token: token)
    }
    if let token = options.token { scenario.configuration.token = token }
    if let port = options.port { scenario.configuration.port = port }
    if let address = options.address { scenario.configuration.address = address }
    if let certificate = options.tlsCertificate, let key = options.tlsKey {
        scenario.configuration.tls = TLSFiles(certificate: certificate, key: key)
    }
    if options.prints { scenario.configuration.narrate = { Output.line($0) } }
    return scenario
}

func waitForEnd(_ signals: SignalSource, seconds: Int?) async {
    await withTaskGroup(of: Void.self) { group in
        group.addTask { for await _ in signals.signals { return } }
        if let seconds {
            group.addTask { try? await Task.sleep(for: .seconds(seconds)) }
        }
        await group.next()
        group.cancelAll()
    }
}

func summary(of report: SimulatorReport) -> String {
    var parts = [
        "\(report.upstreamSent) upstream messages",
        "\(report.acks) acked",
        "\(report.wrongAcks) wrong acks",
        "\(report.rejects.values.reduce(0, +)) rejected",
        "\(report.missingAcks) without reply",
        "\(report.pending) pending",
        "\(report.notSubscribed) frames not subscribed",
        "\(report.withoutSocket) without a socket",
        "\(report.downstreamReceived) downstream messages",
    ]
    parts += report.downstreamResults.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    let heard = report.devices.reduce(0) { $0 + $1.downlinkCount }
    let reused = report.devices.reduce(0) { $0 + $1.fCntDownReused }
    parts += ["\(heard) downlinks heard", "\(reused) FCntDown reused"]
    return "summary: " + parts.joined(separator: ", ")
}
