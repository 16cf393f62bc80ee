using System.Buffers;
using System.Globalization;

using Microsoft.AspNetCore.Http.Extensions;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Security.RateLimiting;

namespace RealRelationshipApi.Analyses.Diagnostics;

/// <summary><c>/meta/gosh.csv</c>: the subsets that <c>gosh</c> of <c>/meta/diagnostics</c> sums up, written while they are fitted.</summary>
/// <remarks>A block of rows is fitted within a slot of the limiter and sent without it: memory is that of a block, slow clients block nobody, and nothing more
/// is fitted once the client has gone.</remarks>
internal sealed class SubsetTable(ModelFrame frame, ResolvedModel model, DiagnosticsRequest request)
{
    /// <summary>Bytes of a block before its last row.</summary>
    public const int BlockBytes = 1 << 16;

    private const string Path = "/meta/gosh.csv";

    private const int MaxNumberBytes = 32;
    private const double RowBytes = 65;

    private static readonly TimeSpan s_retryAfter = TimeSpan.FromMilliseconds(100);

    private static readonly EffectSetEndpoint<DiagnosticsRequest, SubsetTable> s_endpoint = new()
    {
        Empty = new(), Options = DiagnosticsRequest.Options, Run = Create, Cost = Cost, Write = (context, table) => table.Write(context),
    };

    public static void Map(IEndpointRouteBuilder app) => new Operation(app.MapGet(Path, s_endpoint.GetAsync), "downloadSubsets",
            "Download the subsets of a GOSH plot as CSV",
            "Returns one row per subset of the rows of `/meta/diagnostics` with the model fitted to it: `size`, `effect`, `i2`, `tau2`, and for each effect "
            + "(or sample, if rows are composites) a column with 1 where the subset has it and 0 where not. Of up to "
            + $"{Gosh.MaxExhaustive} rows all subsets are fitted, of more `subsets` random ones. Rows are sent while they are fitted; if that fails, the "
            + "connection is closed before the end of the body.").Describe()
        .WithTags("Analyse").WithQueryParameters([.. CsvFormat.Parameters, .. s_endpoint.Parameters]).WithMediaTypes(MediaTypes.Csv)
        .Produces<string>(200, MediaTypes.Csv).ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

    /// <summary>The response with a link to its subsets, if it has any and is not that of a body.</summary>
    public static DiagnosticsResponse AddLink(HttpContext context, DiagnosticsResponse response)
    {
        if (response.Gosh is null || !HttpMethods.IsGet(context.Request.Method))
        {
            return response;
        }

        var query = new QueryBuilder(context.Request.Query.Where(p => DiagnosticsEndpointHas(p.Key)));
        return response with { Gosh = response.Gosh with { Csv = $"{PublicAddress.PrefixFor(context.Request)}{Path}{query}" } };

        static bool DiagnosticsEndpointHas(string name) => s_endpoint.Parameters.Any(parameter => parameter.Name == name);
    }

    public static (SubsetTable? Table, Problem? Problem) Create(EffectSet effects, DiagnosticsRequest request, ErrorLocation location)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        return model is null ? (null, problem)
            : (new(ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model.Flattened), model.Flattened, request), null);
    }

    /// <summary>That of the fits; only a block is in memory.</summary>
    public static AnalysisCost Cost(AnalysisSize size, DiagnosticsRequest request)
    {
        var rows = Math.Min(size.Effects, size.Samples);
        return AnalysisCost.Subsets(size, request) with
        {
            MemoryBytes = AnalysisCost.Pool(size).MemoryBytes,
            ResponseBytes = DiagnosticsAnalysis.SubsetsOf(rows, request) * (RowBytes + (2 * rows)),
        };
    }

    /// <summary>Writes the rows.</summary>
    /// <param name="write">Sends a block, which is not used after.</param>
    /// <param name="acquire">Waits for a slot to fit a block in.</param>
    /// <param name="format">Format of the file.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WriteAsync(Func<ReadOnlyMemory<byte>, ValueTask> write, Func<ValueTask<IDisposable>> acquire, CsvFormat format,
        CancellationToken cancellationToken)
    {
        var sequence = new GoshSequence(frame.Estimates, frame.Variances, model.RandomEffectsOptions.Estimator,
            (int)DiagnosticsAnalysis.SubsetsOf(frame.Count, request), (ulong)(request.Seed ?? DiagnosticsAnalysis.DefaultSeed));
        var block = new ArrayBufferWriter<byte>(BlockBytes + BlockBytes / 8);
        block.Write(CsvTableWriter.ToBytes([["size", "effect", "i2", "tau2", .. Enumerable.Range(0, frame.Count).Select(frame.IdOf)]], format));
        for (var more = true; more;)
        {
            using (await acquire())
            {
                more = Fit(sequence, block, cancellationToken);
            }

            await write(block.WrittenMemory);
            block.ResetWrittenCount();
        }
    }

    internal IResult Write(HttpContext context)
    {
        var query = new QueryReader(context.Request.Query);
        var format = CsvFormat.From(query);
        return query.Errors.Count > 0 ? Problem.Invalid(query.Errors) : TypedResults.Stream(_ => StreamAsync(context, format),
            $"{MediaTypes.Csv}; charset=utf-8", "gosh-subsets.csv");
    }

    private async Task StreamAsync(HttpContext context, CsvFormat format)
    {
        var limiter = context.RequestServices.GetRequiredService<ComputeLimiter>();
        var lifetime = context.RequestServices.GetRequiredService<IHostApplicationLifetime>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await WriteAsync(async block => await context.Response.BodyWriter.WriteAsync(block, end.Token), AcquireAsync, format, end.Token);
        }
        catch (StatisticsException error) when (!context.Response.HasStarted)
        {
            var headers = context.Response.Headers;
            (headers.ContentDisposition, headers.ETag, headers.CacheControl) = (default, default, default);
            await Problem.NotComputable(error.Code, error.Message).ExecuteAsync(context);
        }
        catch (Exception error) when (error is StatisticsException
            || (error is OperationCanceledException && lifetime.ApplicationStopping.IsCancellationRequested))
        {
            // The status has been sent.
            context.Abort();
        }

        // It was admitted, and its first rows are on their way: it waits as long as its client does.
        async ValueTask<IDisposable> AcquireAsync()
        {
            IDisposable? slot;
            while ((slot = await limiter.TryAcquireAsync(RateLimitClient.For(context), isCostly: true, end.Token)) is null)
            {
                await Task.Delay(s_retryAfter, end.Token);
            }

            return slot;
        }
    }

    // Until the block is full; false after the last subset.
    private bool Fit(GoshSequence sequence, ArrayBufferWriter<byte> block, CancellationToken cancellationToken)
    {
        using var scope = new CancellationScope(cancellationToken);
        while (block.WrittenCount < BlockBytes)
        {
            if (!sequence.MoveNext())
            {
                return false;
            }

            WriteRow(block, sequence);
        }

        return true;
    }

    private void WriteRow(ArrayBufferWriter<byte> block, GoshSequence sequence)
    {
        var row = block.GetSpan((4 * MaxNumberBytes) + (2 * frame.Count));
        var (length, subset, next) = (0, sequence.Current, 0);
        subset.Size.TryFormat(row, out length, provider: CultureInfo.InvariantCulture);
        foreach (var number in (ReadOnlySpan<double>)[subset.Effect, subset.ISquared, subset.TauSquared])
        {
            row[length++] = (byte)',';
            number.TryFormat(row[length..], out var written, provider: CultureInfo.InvariantCulture);
            length += written;
        }

        var members = sequence.Members;
        for (var i = 0; i < frame.Count; i++)
        {
            var isMember = next < members.Length && members[next] == i;
            next += isMember ? 1 : 0;
            row[length++] = (byte)',';
            row[length++] = isMember ? (byte)'1' : (byte)'0';
        }

        row[length++] = (byte)'\n';
        block.Advance(length);
    }
}
