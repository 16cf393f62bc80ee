using System.Security.Claims;

using RealRelationshipApi.Security;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Who sends measurements.</summary>
/// <param name="Tenant">The site.</param>
/// <param name="Lineage">The credential, including those that it replaced by rotation.</param>
/// <param name="SourceSystem">The only source system that the credential may send for; null if it may send for all.</param>
/// <param name="TimeZone">Time zone of days that have none; null for UTC.</param>
internal sealed record Sender(string Tenant, string Lineage, string? SourceSystem = null, string? TimeZone = null)
{
    public const string OtherSystemCode = "otherSourceSystem";

    public static Sender From(ClaimsPrincipal user) => new(user.Tenant(), user.Lineage(), user.BoundSourceSystem(), user.TimeZone());

    public bool MaySendFor(string? sourceSystem) => SourceSystem is null || sourceSystem == SourceSystem;

    public string OtherSystemDetail => $"must be '{SourceSystem}': this key is bound to that source system";
}
