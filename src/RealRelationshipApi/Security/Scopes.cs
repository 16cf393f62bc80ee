using System.Text.RegularExpressions;

namespace RealRelationshipApi.Security;

/// <summary>Scopes of keys and tokens.</summary>
internal static partial class Scopes
{
    public const string StudiesWrite = "studies:write";
    public const string StudiesReview = "studies:review";
    public const string SessionsWrite = "sessions:write";
    public const string SessionsRead = "sessions:read";
    public const string MetaRead = "meta:read";
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [StudiesWrite, StudiesReview, SessionsWrite, SessionsRead, MetaRead, Admin];

    /// <summary>Scopes of a token: those listed, and <c>sessions:write</c> for SMART scopes that create or update Observations.</summary>
    /// <remarks>hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html: <c>system/Observation.cu</c>, or in version 1
    /// <c>system/Observation.write</c>.</remarks>
    public static IEnumerable<string> FromTokenScopes(IReadOnlySet<string> granted) =>
        All.Where(scope => granted.Contains(scope) || (scope == SessionsWrite && granted.Any(SmartWriteScope().IsMatch)));

    [GeneratedRegex(@"^system/(Observation|QuestionnaireResponse|\*)\.(write|\*|cr?ud?s?)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SmartWriteScope();
}
