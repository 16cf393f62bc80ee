using System.CommandLine;
using System.Text.Json;

using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>import FILE</c> and <c>import --demo</c>.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "Studies as a JSON array, NDJSON, {note, studies}, or CSV; or everything, as `export` wrote it, for an empty store.", Arity = ArgumentArity.ZeroOrOne };
        file.AcceptExistingOnly();
        var demo = new Option<bool>("--demo") { Description = "Imports the published references and the synthetic illustration." };
        var tenant = new Option<string>("--tenant") { Description = "Whose the studies will be.", DefaultValueFactory = _ => "import" };
        var command = new Command("import", "Imports studies into the store, as if they had been submitted.") { file, demo, tenant };
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(file), parsed.GetValue(demo), parsed.GetValue(tenant)!, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo? file, bool demo, string tenant, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        if (file is null == !demo)
        {
            await error.WriteLineAsync("Give either a file or --demo.");
            return 2;
        }

        if (file is not null && await IsExportAsync(file, cancellation))
        {
            return await RestoreAsync(file, output, error);
        }

        var author = new Author(tenant, IsAdmin: false);
        return await StoreCommand.RunAsync(error, async services =>
        {
            var (answer, problem) = demo
                ? (await services.GetRequiredService<DemoData>().LoadAsync(author, cancellation), null)
                : await ImportAsync(services.GetRequiredService<StudyBatch>(), file!, author, cancellation);
            return problem is null ? await ReportAsync(answer!, output, error) : await RefuseAsync(problem, error);
        }, cancellation);
    }

    private static async Task<bool> IsExportAsync(FileInfo file, CancellationToken cancellation)
    {
        await using var stream = file.OpenRead();
        var beginning = new byte[64];
        return StoreRestorer.IsExport(beginning.AsSpan(0, await stream.ReadAtLeastAsync(beginning, beginning.Length, throwOnEndOfStream: false, cancellation)));
    }

    private static Task<int> RestoreAsync(FileInfo file, TextWriter output, TextWriter error) => StoreCommand.RunWithoutWriterAsync(error, async services =>
    {
        var findings = services.GetRequiredService<StoreRestorer>().ImportIntoEmptyStore(file.FullName, output.WriteLine);
        await output.WriteLineAsync($"Imported and verified: {VerifyCommand.Summary(findings)}");
        return 0;
    });

    private static async Task<(BatchResponse? Answer, Problem? Problem)> ImportAsync(StudyBatch batch, FileInfo file, Author author, CancellationToken cancellation)
    {
        var body = BatchReader.WithoutByteOrderMark(await File.ReadAllBytesAsync(file.FullName, cancellation));
        var (items, problem) = ItemsOf(body, file.Extension);
        return problem is not null
            ? (null, problem)
            : ((await batch.TakeAsync(items, new BatchMode(Atomic: false, ValidateOnly: false), author, null, cancellation)).Answer, null);
    }

    private static (IEnumerable<BatchItem> Items, Problem? Problem) ItemsOf(ReadOnlyMemory<byte> body, string extension)
    {
        if (extension.Equals(".csv", StringComparison.OrdinalIgnoreCase))
        {
            return StudyCsvReader.Read(body);
        }

        try
        {
            return BatchReader.ReadJson(body, mayBeWrapped: true) is { Problem: null } whole ? whole : (BatchReader.ReadNdjson(body), null);
        }
        catch (JsonException)
        {
            // More than one document in the file: one a line.
            return (BatchReader.ReadNdjson(body), null);
        }
    }

    private static async Task<int> ReportAsync(BatchResponse answer, TextWriter output, TextWriter error)
    {
        foreach (var result in answer.Results.Where(r => r.Errors.Count > 0))
        {
            foreach (var fault in result.Errors)
            {
                await error.WriteLineAsync($"study {result.Index}{(result.Id is null ? "" : $" ({result.Id})")}: {fault.Pointer}: {fault.Detail}");
            }
        }
        var known = answer.Results.Count(r => r.Status == StatusCodes.Status200OK);
        await output.WriteLineAsync($"{answer.Accepted - known} studies imported, {known} stored already, {answer.Rejected} refused.");
        return answer.Rejected == 0 ? 0 : 1;
    }

    private static async Task<int> RefuseAsync(Problem problem, TextWriter error)
    {
        await error.WriteLineAsync(problem.Detail ?? problem.Kind.Explanation);
        foreach (var fault in problem.Errors)
        {
            await error.WriteLineAsync($"{fault.Pointer}: {fault.Detail}");
        }

        return 1;
    }
}
