using System.CommandLine;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>verify</c>: runs every integrity check on the store.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var acceptHead = new Option<bool>("--accept-head")
        {
            Description = "Accepts the latest change of a sound store, although the file beside it knows a later one: after a point-in-time recovery.",
        };
        var command = new Command("verify",
            "Checks the whole store and the files beside it, also while the service runs: the engine, all changes of the log, all that they wrote. Exits with "
                + "0 if there is no error.") { acceptHead };
        command.SetAction((parsed, cancellation) => StoreCommandRunner.RunWithoutWriterAsync(parsed.InvocationConfiguration.Error, services =>
        {
            var result = services.GetRequiredService<StoreVerifier>()
                .RunWithSidecars(services.GetRequiredService<Database>(), parsed.GetValue(acceptHead), parsed.InvocationConfiguration.Error.WriteLine);
            return Task.FromResult(Report(result, parsed.InvocationConfiguration.Output));
        }));
        return command;
    }

    /// <summary>One line of facts that are equal for equal stores.</summary>
    public static string Summary(VerificationResult result) => string.Join(", ", result.Facts.Select(fact => $"{fact.Name} {fact.Value}"));

    private static int Report(VerificationResult result, TextWriter output)
    {
        output.WriteLine(Summary(result));
        output.WriteLine(result.ErrorCount switch { 0 => "No fault was found.", 1 => "One fault was found.", var errors => $"{errors} faults were found." });
        return result.ErrorCount == 0 ? 0 : 1;
    }
}
