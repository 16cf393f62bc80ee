using System.CommandLine;
using System.Text.Json;

using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Spreadsheets;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Spreadsheets;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>import FILE</c>, <c>import --demo</c>, <c>import --starter</c> and <c>import --demo-sessions</c>: submit studies or sessions, or restore an
/// export.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file")
        {
            Description = "Studies as a JSON array, NDJSON, {note, studies}, CSV or XLSX; or an `export` of a whole store, for an "
            + "empty store.", Arity = ArgumentArity.ZeroOrOne
        };
        file.AcceptExistingOnly();
        var demo = new Option<bool>("--demo") { Description = "Imports the demonstration data." };
        var starter = new Option<bool>("--starter")
        {
            Description = "Imports what is real: published references, registered studies, and the study whose correlations are public.",
        };
        var demoSessions = new Option<bool>("--demo-sessions") { Description = "Imports the sessions of an invented clinic: 60 patients of 6 therapists." };
        var tenant = new Option<string>("--tenant") { Description = "Owner of the studies or sessions.", DefaultValueFactory = _ => "import" };
        var sheet = new SheetArguments();
        var command = new Command("import", "Submits studies, or loads an export.") { file, demo, starter, demoSessions, tenant };
        sheet.AddTo(command);
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(file), parsed.GetValue(demo), parsed.GetValue(starter), parsed.GetValue(demoSessions), parsed.GetValue(tenant)!,
                sheet.Read(parsed), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo? file, bool demo, bool starter, bool demoSessions, string tenant, SheetChoice sheet, TextWriter output,
        TextWriter error, CancellationToken cancellation)
    {
        if (new[] { file is not null, demo, starter, demoSessions }.Count(given => given) != 1)
        {
            await error.WriteLineAsync("Give either a file, --demo, --starter or --demo-sessions.");
            return 2;
        }

        if (demoSessions)
        {
            return await StoreCommandRunner.RunAsync(error, async services =>
            {
                var outcomes = await services.GetRequiredService<DemoSessions>().LoadAsync(tenant, cancellation);
                var created = outcomes.Count(o => o.Status == StatusCodes.Status201Created);
                await output.WriteLineAsync($"{created} sessions imported, {outcomes.Count(o => o.Status == StatusCodes.Status200OK)} stored already, "
                    + $"{outcomes.Count(o => !o.IsComplete)} refused.");
                return outcomes.All(o => o.IsComplete) ? 0 : 1;
            }, cancellation);
        }

        if (file is not null && await IsExportAsync(file, cancellation))
        {
            return await RestoreAsync(file, output, error);
        }

        var submitter = new Submitter(tenant);
        return await StoreCommandRunner.RunAsync(error, async services =>
        {
            var data = services.GetRequiredService<DemoData>();
            var (response, problem) = demo ? (await data.LoadDemonstrationAsync(submitter, cancellation), null)
                : starter ? (await data.LoadStarterAsync(submitter, cancellation), null)
                : await ImportAsync(services.GetRequiredService<StudyBatchService>(), file!, sheet, submitter, cancellation);
            return problem is null ? await ReportAsync(response!, sheet.ValidateOnly, output, error) : await ReportProblemAsync(problem, error);
        }, cancellation);
    }

    private static async Task<bool> IsExportAsync(FileInfo file, CancellationToken cancellation)
    {
        await using var stream = file.OpenRead();
        var beginning = new byte[64];
        return StoreRestorer.IsExport(beginning.AsSpan(0, await stream.ReadAtLeastAsync(beginning, beginning.Length, throwOnEndOfStream: false, cancellation)));
    }

    private static Task<int> RestoreAsync(FileInfo file, TextWriter output, TextWriter error) =>
        StoreCommandRunner.RunWithoutWriterAsync(error, async services =>
    {
        var result = services.GetRequiredService<StoreRestorer>().ImportIntoEmptyStore(file.FullName, output.WriteLine);
        await output.WriteLineAsync($"Imported and verified: {VerifyCommand.Summary(result)}");
        return 0;
    });

    private static async Task<(BatchResponse? Answer, Problem? Problem)> ImportAsync(StudyBatchService batch, FileInfo file, SheetChoice sheet,
        Submitter submitter, CancellationToken cancellation)
    {
        var body = await File.ReadAllBytesAsync(file.FullName, cancellation);
        var (items, columns, problem) = file.Extension.ToLowerInvariant() is ".csv" or ".tsv" or ".xlsx" ? ReadSheet(body, file, sheet)
            : ReadJson(ByteOrderMark.Skip(body));
        return sheet.ValidateOnly && columns is not null && problem is not null ? (new BatchResponse([], 0, 0).With(columns), null)
            : problem is not null ? (null, problem)
            : ((await batch.SubmitAsync(items, new BatchMode(Atomic: false, sheet.ValidateOnly), submitter, cancellation)).With(columns), null);
    }

    private static (IEnumerable<BatchItem> Items, SheetMappingResponse? Columns, Problem? Problem) ReadSheet(byte[] body, FileInfo file, SheetChoice choice)
    {
        if (choice.Errors.Count > 0)
        {
            return ([], null, Problem.Invalid(choice.Errors));
        }

        var (sheet, problem) = file.Extension.Equals(".xlsx", StringComparison.OrdinalIgnoreCase) ? XlsxSheetReader.Read(body, choice.Options.SheetName)
            : CsvSheetReader.Read(body, choice.Encoding);
        if (sheet is null)
        {
            return ([], null, problem);
        }

        var table = StudySheetReader.Read(sheet, choice.Options);
        return (table.Items, table.Response, table.Problem);
    }

    private static (IEnumerable<BatchItem> Items, SheetMappingResponse? Columns, Problem? Problem) ReadJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            return StudyBatchReader.ReadJson(body, mayBeWrapped: true) is { Problem: null } whole ? (whole.Items, null, null)
                : (StudyBatchReader.ReadNdjson(body), null, null);
        }
        catch (JsonException)
        {
            // The file has more than one JSON document, so it is NDJSON.
            return (StudyBatchReader.ReadNdjson(body), null, null);
        }
    }

    private static async Task<int> ReportAsync(BatchResponse response, bool isOnlyValidated, TextWriter output, TextWriter error)
    {
        foreach (var column in (response.Mapping ?? []).Where(column => column.Member != column.Head))
        {
            await output.WriteLineAsync($"column '{column.Head}': {column.Member ?? "left out"}");
        }

        foreach (var text in (response.Missing ?? []).Select(missing => $"{missing.Member} {missing.Detail}")
            .Concat((response.Warnings ?? []).Select(warning => warning.Detail)))
        {
            await error.WriteLineAsync(text);
        }

        foreach (var result in response.Results.Where(r => r.Errors.Count > 0))
        {
            foreach (var fieldError in result.Errors)
            {
                await error.WriteLineAsync($"study {result.Index}{(result.Id is null ? "" : $" ({result.Id})")}: {fieldError.Pointer}: {fieldError.Detail}");
            }
        }
        var alreadyStored = response.Results.Count(r => r.Status == StatusCodes.Status200OK);
        await output.WriteLineAsync(isOnlyValidated ? $"{response.Accepted} studies are valid, {response.Rejected} are not. Nothing was stored."
            : $"{response.Accepted - alreadyStored} studies imported, {alreadyStored} stored already, {response.Rejected} refused.");
        return response.Rejected == 0 && response.Missing is not { Count: > 0 } ? 0 : 1;
    }

    private static async Task<int> ReportProblemAsync(Problem problem, TextWriter error)
    {
        await error.WriteLineAsync(problem.Detail ?? problem.Kind.Explanation);
        foreach (var fieldError in problem.Errors)
        {
            await error.WriteLineAsync($"{fieldError.Pointer}: {fieldError.Detail}");
        }

        return 1;
    }
}
