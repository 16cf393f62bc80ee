using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.WebUtilities;

using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>From a question to its effects, and from its effects to an answer or the reason why there is none.</summary>
public sealed class StoredQuestions(EvidenceSource source, HeavyWork heavy)
{
    // What names revisions is not part of the question: the revisions that it names are.
    private static readonly string[] s_timesOfEvidence = ["asOf", "minRevision", "from", "to"];

    /// <summary>A question over the stored evidence: answered with an ETag, and with 304 where the caller has the answer.</summary>
    public Task<IResult> AnswerAsync(HttpContext context, FilterRequest filter, Func<EffectSet, IResult> answer)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return AnswerAtAsync(context, filter, evidence => Compute(Selection.Apply(filter, evidence), answer));
    }

    /// <summary>A question over the current evidence as a whole.</summary>
    public async Task<IResult> AnswerAsync(HttpContext context, Func<Evidence, IResult> answer)
    {
        ArgumentNullException.ThrowIfNull(context);
        var query = new QueryReader(context.Request.Query);
        var filter = new FilterRequest { MinRevision = query.Whole("minRevision") };
        return query.Faults.Count > 0 ? Problem.Invalid(query.Faults) : await AnswerAtAsync(context, filter, answer);
    }

    /// <summary>A question over the stored evidence, answered also where its filter leaves nothing.</summary>
    internal async Task<IResult> AnswerAtAsync(HttpContext context, FilterRequest filter, Func<Evidence, IResult> answer)
    {
        var (revision, problem) = await ResolveAsync(filter, filter.AsOf, "asOf", Asked.InQuery, context.RequestAborted);
        if (problem is not null)
        {
            return problem;
        }

        return await TaggedAsync(context, $"{revision}", async () =>
        {
            var evidence = await source.AtAsync(revision, context.RequestAborted);
            return await heavy.RunAsync(() => answer(evidence), context.RequestAborted);
        });
    }

    /// <summary>A question in the body: over its own effects, or over the stored evidence.</summary>
    public async Task<IResult> AnswerAsync(HttpContext context, QuestionRequest request, Func<EffectSet, IResult> answer)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(request);
        if (request.Effects is { } effects)
        {
            return await heavy.RunAsync(() => Compute(BodyEffects.ToSet(effects), answer), context.RequestAborted);
        }

        var filter = request.Filter ?? new FilterRequest();
        var (revision, problem) = await ResolveAsync(filter, filter.AsOf, "asOf", Asked.InBody, context.RequestAborted);
        if (problem is not null)
        {
            return problem;
        }

        var evidence = await source.AtAsync(revision, context.RequestAborted);
        return await heavy.RunAsync(() => Compute(Selection.Apply(filter, evidence), answer), context.RequestAborted);
    }

    /// <summary>A question of what changed between two revisions; one in the query string is answered with an ETag.</summary>
    internal async Task<IResult> AnswerAsync(HttpContext context, ChangesRequest request, Asked asked, Func<EvidenceChanges, IResult> answer)
    {
        var (from, to, problem) = await ResolveAsync(request, asked, context.RequestAborted);
        if (problem is not null)
        {
            return problem;
        }

        return asked == Asked.InQuery ? await TaggedAsync(context, $"{from}-{to}", CompareAsync) : await CompareAsync();

        async Task<IResult> CompareAsync()
        {
            var changes = EvidenceChanges.Between(request.Filter ?? new FilterRequest(),
                await source.AtAsync(from, context.RequestAborted), await source.AtAsync(to, context.RequestAborted));
            if (changes.All.Count > EvidenceChanges.Most)
            {
                return Problem.Invalid([new FieldError(asked.Member("from"), "tooManyChanges",
                    $"{changes.All.Count} effects changed since then, and {EvidenceChanges.Most} are the most that can be followed: narrow the range or the filter")]);
            }

            var studies = changes.All.Select(change => change.Study).Distinct(StringComparer.Ordinal);
            var dated = changes.Dated(await source.HistoryAsync(studies, context.RequestAborted));
            return await heavy.RunAsync(() => answer(dated), context.RequestAborted);
        }
    }

    private async Task<(long From, long To, Problem? Problem)> ResolveAsync(ChangesRequest request, Asked asked, CancellationToken cancellationToken)
    {
        var (from, noFrom) = await source.ResolveAsync(request.From, asked.Member("from"), cancellationToken);
        var (to, noTo) = await ResolveAsync(request.Filter ?? new FilterRequest(), request.To, "to", asked, cancellationToken);
        FieldError[] faults = [.. noFrom?.Errors ?? [], .. noTo?.Errors ?? []];
        if (faults.Length == 0 && (from > to || request.From.Instant > request.To?.Instant))
        {
            faults = [new(asked.Member("from"), "afterTo", "lies after to")];
        }

        return (from, to, faults.Length > 0 ? Problem.Invalid(faults) : null);
    }

    // The revision of a moment, which is not before the one that the caller has heard of.
    private async Task<(long Revision, Problem? Problem)> ResolveAsync(FilterRequest filter, AsOf? moment, string name, Asked asked, CancellationToken cancellationToken)
    {
        var atLeast = asked.Filter("minRevision");
        if (await source.ReachAsync(filter.MinRevision, atLeast, cancellationToken) is { } future)
        {
            return (0, future);
        }

        var (revision, problem) = await source.ResolveAsync(moment, name == "asOf" ? asked.Filter(name) : asked.Member(name), cancellationToken);
        return problem is null && revision < filter.MinRevision
            ? (0, Problem.Invalid([new FieldError(atLeast, "afterAsOf", $"lies after {name}, which is revision {revision}")]))
            : (revision, problem);
    }

    /// <summary>Names a member of a body as the query parameter that it came from.</summary>
    internal static FieldError AsQuery(FieldError fault) => fault with
    {
        Pointer = "?" + (fault.Pointer.Split('/') is ["#", "filter" or "model", var option, ..] ? option : fault.Pointer.Split('/')[1]),
    };

    private static IResult Compute(EffectSet effects, Func<EffectSet, IResult> answer)
    {
        if (effects.Count == 0)
        {
            return Problem.NotComputable("noEffects", effects.WhyEmpty);
        }

        try
        {
            return answer(effects);
        }
        catch (StatisticsException error)
        {
            return Problem.NotComputable(error.Code, error.Message);
        }
    }

    private static async Task<IResult> TaggedAsync(HttpContext context, string revisions, Func<Task<IResult>> answer)
    {
        var eTag = ETag(context, revisions);
        if (context.Request.AlreadyHas(eTag))
        {
            context.Response.Tag(eTag);
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }
        var result = await answer();
        if (result is not Problem)
        {
            context.Response.Tag(eTag);
        }

        return result;
    }

    // Over evidence revisions, canonical question, representation and software, and over nothing else.
    private static string ETag(HttpContext context, string revisions)
    {
        var text = string.Join('\n', revisions, context.Request.Path, context.Representation(), Software.Build, context.Request.Question(s_timesOfEvidence));
        return $"\"{WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 18))}\"";
    }
}
