using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

using RealRelationshipApi.Http;
using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Meta;

/// <summary>An answer over the stored evidence is computed for a revision and a question, and given to all who ask the same.</summary>
/// <remarks>
/// Whoever asks has been let in, counted and audited before. The revision is part of what an answer is kept under, and the first question at a newer
/// one gives back what older ones had. Once the room is used up an answer is kept only when its question has come before: those that come once would push
/// out those that come again (the doorkeeper of TinyLFU: Einziger, Friedman &amp; Manes 2017, ACM Transactions on Storage 13(4), 35). An answer is kept
/// only when it was computed whole, whatever became of who asked. The framework's own output cache keeps those that were cut off as well
/// (github.com/dotnet/aspnetcore/issues/66877).
/// </remarks>
internal sealed class KeptAnswers(RevisionWatch watch, IOptions<LimitOptions> limits) : IDisposable
{
    // The largest answer that is kept is a part of the room for all.
    private const int Parts = 8;

    // How many questions are remembered to have come before.
    private const int Doors = 1 << 14;

    private readonly MemoryCache _answers = new(new MemoryCacheOptions { SizeLimit = Math.Max(1, limits.Value.KeptAnswerBytes), CompactionPercentage = 0.2, TrackStatistics = true });
    private readonly int _most = (int)(limits.Value.KeptAnswerBytes / Parts);
    private readonly int[] _cameBefore = new int[Doors];

    private long _revision;
    private long _room = limits.Value.KeptAnswerBytes;

    /// <summary>How often an answer was there, and how much memory those that are there take.</summary>
    public MemoryCacheStatistics Statistics => _answers.GetCurrentStatistics()!;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (_most == 0 || !HttpMethods.IsGet(context.Request.Method) || !context.IsAnalysis())
        {
            await next(context);
            return;
        }

        var request = context.Request;
        var asked = new Asked(watch.Current, request.Scheme, request.Host, request.PathBase, request.Path, context.Representation(), request.Question());
        if (_answers.TryGetValue(asked, out KeptAnswer? kept))
        {
            await kept!.SendAsync(context);
            return;
        }

        StartAnewAt(asked.Revision);
        await (IsWorthKeeping(asked) ? ComputeAsync(context, next, asked) : next(context));
    }

    public void Dispose() => _answers.Dispose();

    private void StartAnewAt(long revision)
    {
        var before = Volatile.Read(ref _revision);
        if (revision > before && Interlocked.CompareExchange(ref _revision, revision, before) == before)
        {
            _answers.Clear();
            Volatile.Write(ref _room, limits.Value.KeptAnswerBytes);
        }
    }

    private bool IsWorthKeeping(Asked asked)
    {
        if (Volatile.Read(ref _room) > 0)
        {
            return true;
        }

        var question = asked.GetHashCode();
        ref var last = ref _cameBefore[(uint)question % Doors];
        var cameBefore = last == question;
        last = question;
        return cameBefore;
    }

    private async Task ComputeAsync(HttpContext context, RequestDelegate next, Asked asked)
    {
        var response = context.Response;
        KeyValuePair<string, StringValues>[] before = [.. response.Headers];
        var body = response.Body;
        await using var held = new HeldBody(body, _most);
        response.Body = held;
        try
        {
            await next(context);
            await response.BodyWriter.FlushAsync();
        }
        finally
        {
            response.Body = body;
        }

        if (held.Whole is not { } whole)
        {
            return;
        }

        var isAnswer = response.StatusCode == StatusCodes.Status200OK && response.Headers.ETag.Count > 0;
        if (isAnswer && !context.RequestAborted.IsCancellationRequested && watch.Current == asked.Revision)
        {
            var answer = new KeptAnswer(response.Headers.ETag.ToString(), [.. response.Headers.Except(before)], whole.ToArray());
            _answers.Set(asked, answer, new MemoryCacheEntryOptions { Size = answer.Size });
            Interlocked.Add(ref _room, -answer.Size);
        }

        if (whole.Length > 0)
        {
            response.ContentLength = whole.Length;
            await body.WriteAsync(whole, context.RequestAborted);
        }
    }

    /// <summary>On an operation whose answers depend on nothing but the evidence and the question.</summary>
    internal sealed record Metadata;

    /// <summary>What an answer is kept under. Some name the service's address, as the caller reached it.</summary>
    private sealed record Asked(long Revision, string Scheme, HostString Host, PathString Base, PathString Path, string Representation, string Question);
}

internal static class KeptAnswersExtensions
{
    /// <summary>The answers of this operation depend on nothing but the evidence and the question, and are kept for whoever asks the same.</summary>
    public static TBuilder KeepsAnswers<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new KeptAnswers.Metadata());

    /// <summary>Whether the operation answers from the evidence and the question, and from nothing else.</summary>
    public static bool IsAnalysis(this HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<KeptAnswers.Metadata>() is not null;

    public static IApplicationBuilder UseKeptAnswers(this IApplicationBuilder app) => 
        app.Use((context, next) => context.RequestServices.GetRequiredService<KeptAnswers>().InvokeAsync(context, next));
}
