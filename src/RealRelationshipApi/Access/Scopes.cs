namespace RealRelationshipApi.Access;

/// <summary>What a key may do.</summary>
public static class Scopes
{
    public const string StudiesWrite = "studies:write";
    public const string StudiesReview = "studies:review";
    public const string SessionsWrite = "sessions:write";
    public const string SessionsRead = "sessions:read";
    public const string MetaRead = "meta:read";
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [StudiesWrite, StudiesReview, SessionsWrite, SessionsRead, MetaRead, Admin];
}
