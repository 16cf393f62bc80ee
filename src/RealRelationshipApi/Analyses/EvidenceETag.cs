using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Analyses;

/// <summary>ETag of a response over the evidence, from revisions, canonical query, representation and software build.</summary>
internal static class EvidenceETag
{
    // Excluded from the canonical query, because the resolved revisions are hashed instead.
    private static readonly string[] s_revisionParameters = ["asOf", "minRevision", "from", "to"];

    public static string Compute(HttpContext context, EvidenceRevisions revisions)
    {
        var text = string.Join('\n', revisions, context.Request.Path, context.NegotiatedMediaTypeOf(), BuildInfo.BuildId,
            context.Request.CanonicalQuery(s_revisionParameters));
        return $"\"{WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 18))}\"";
    }

    /// <summary>Sets the ETag and how long a response may be reused: a day if it never changes (with one version of the software), otherwise only after
    /// revalidation.</summary>
    public static void Set(HttpContext context, string eTag)
    {
        context.Response.SetETag(eTag);
        context.Response.Headers.Vary = "Accept, Accept-Encoding, Authorization, X-API-Key, Origin";
        if (IsPermanent(context))
        {
            var scope = context.RequestServices.GetRequiredService<AccessPolicy>().AllowsPublicRead ? "public" : "private";
            context.Response.Headers.CacheControl = $"{scope}, max-age=86400, immutable";
        }
    }

    public static IResult NotModified(HttpContext context, string eTag)
    {
        Set(context, eTag);
        return TypedResults.StatusCode(StatusCodes.Status304NotModified);
    }

    // Names its revisions by number, and depends on nothing that changes without a revision: documents, codings, associations that sites may withdraw.
    private static bool IsPermanent(HttpContext context)
    {
        var query = context.Request.Query;
        return context.IsAnalysis() && !context.ShowsDocuments()
            && query["source"].All(source => source == EnumNames<SourceChoice>.Of(SourceChoice.Studies))
            && (IsRevision(query["asOf"]) || (IsRevision(query["from"]) && IsRevision(query["to"])));
    }

    private static bool IsRevision(StringValues values) => values is [{ Length: > 0 } text] && text.All(char.IsAsciiDigit);
}
