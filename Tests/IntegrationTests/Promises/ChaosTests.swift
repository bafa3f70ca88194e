// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@Suite struct ChaosTests {
    @Test("a few rounds of chaos lose nothing")
    func short() async throws {
        let script = #filePath.replacing("Tests/IntegrationTests/Promises/ChaosTests.swift", with: "scripts/chaos")
        let arguments = ["--rounds", "6", "--devices", "30", "--seed", "4", "--settle", "60"]
        let record = try await ChildProcess.run(
            "python3",
            [script, "--bin", ChildProcess.buildDirectory] + arguments,
            within: .seconds(400),
        )
        #expect(record.text.contains("acked but unpublished"))
    }
}
