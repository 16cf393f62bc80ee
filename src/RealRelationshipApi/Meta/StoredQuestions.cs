using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.WebUtilities;

using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>From a question to its effects, and from its effects to an answer or the reason why there is none.</summary>
public sealed class StoredQuestions(EvidenceSource source)
{
    /// <summary>A question over the stored evidence: answered with an ETag, and with 304 where the caller has the answer.</summary>
    public Task<IResult> AnswerAsync(HttpContext context, FilterRequest filter, Func<EffectSet, IResult> answer)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return AnswerAsync(context, filter.AsOf, evidence => Compute(Selection.Apply(filter, evidence), answer));
    }

    /// <summary>A question over the current evidence as a whole.</summary>
    public Task<IResult> AnswerAsync(HttpContext context, Func<Evidence, IResult> answer) => AnswerAsync(context, asOf: null, answer);

    private async Task<IResult> AnswerAsync(HttpContext context, AsOf? asOf, Func<Evidence, IResult> answer)
    {
        var (revision, problem) = await source.ResolveAsync(asOf, Asked.InQuery.Filter("asOf"), context.RequestAborted);
        if (problem is not null)
        {
            return problem;
        }

        var eTag = ETag(context, revision);
        if (context.Request.AlreadyHas(eTag))
        {
            context.Response.Tag(eTag);
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }
        var result = answer(await source.AtAsync(revision, context.RequestAborted));
        if (result is not Problem)
        {
            context.Response.Tag(eTag);
        }

        return result;
    }

    /// <summary>A question in the body: over its own effects, or over the stored evidence.</summary>
    public async Task<IResult> AnswerAsync(HttpContext context, QuestionRequest request, Func<EffectSet, IResult> answer)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(request);
        if (request.Effects is { } effects)
        {
            return Compute(BodyEffects.ToSet(effects), answer);
        }

        var filter = request.Filter ?? new FilterRequest();
        var (revision, problem) = await source.ResolveAsync(filter.AsOf, Asked.InBody.Filter("asOf"), context.RequestAborted);
        return problem ?? Compute(Selection.Apply(filter, await source.AtAsync(revision, context.RequestAborted)), answer);
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

    // Over evidence revision, canonical question, representation and software, and over nothing else.
    private static string ETag(HttpContext context, long revision)
    {
        var question = context.Request.Query.Where(p => p.Key != "asOf").OrderBy(p => p.Key, StringComparer.Ordinal)
            .SelectMany(p => p.Value.Select(value => $"{p.Key}={value}"));
        var text = string.Join('\n', [$"{revision}", context.Request.Path, context.Representation(), Software.Build, .. question]);
        return $"\"{WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 18))}\"";
    }
}
