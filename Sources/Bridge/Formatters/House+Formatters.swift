// SPDX-License-Identifier: Apache-2.0
internal import Observability
internal import PayloadCodec
internal import Store

extension House {
    /// Has every script of the repository looked at, so that a start does not succeed with formatters that cannot run.
    func checkFormatters() async throws(BridgeError) {
        guard let formatters = settings.formatters else { return }
        do throws(FormatterRepositoryError) {
            let count = try await formatters.reload(checkedBy: codec)
            logger.info("formatters_loaded", ["directory": formatters.directory, "formatters": count])
        } catch {
            throw .formatters(error)
        }
    }

    /// Reads the repository again: devices have the formatters with their next message. With a fault the ones of before
    /// stay.
    func reloadFormatters() async {
        guard let formatters = settings.formatters else {
            logger.info("formatters_none", ["key": "codec.formatters"])
            return
        }
        do throws(FormatterRepositoryError) {
            let count = try await formatters.reload(checkedBy: codec)
            logger.info("formatters_reloaded", ["directory": formatters.directory, "formatters": count])
            sayUnknownFormatters()
        } catch {
            logger.error("formatters_refused", ["reason": error.reason, "error": error.description])
        }
    }

    /// Names the devices whose formatter the repository does not have.
    private func sayUnknownFormatters() {
        for entry in registry.devices {
            guard let name = entry.codec, settings.formatters?.formatter(named: name) == nil else { continue }
            logger.warning(
                "formatter_unknown",
                ["app_id": entry.application.id, "dev_id": entry.deviceID, "formatter": name],
            )
        }
    }
}
