using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.WebUtilities;

using RealRelationshipApi.Http;

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

    public static IResult NotModified(HttpContext context, string eTag)
    {
        context.Response.SetETag(eTag);
        return TypedResults.StatusCode(StatusCodes.Status304NotModified);
    }
}
