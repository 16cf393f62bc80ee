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

    /// <summary>All of one tenant's: every scope except <see cref="StudiesReview"/> and <see cref="Operator"/>, which are above tenants.</summary>
    public const string Admin = "admin";

    /// <summary>The operator of the service: studies of all tenants, and metrics; no site's sessions.</summary>
    public const string Operator = "operator";

    public static IReadOnlyList<string> All { get; } = [StudiesWrite, StudiesReview, SessionsWrite, SessionsRead, MetaRead, Admin, Operator];

    /// <summary>Whether a key with scope <see cref="Admin"/> has this scope, too.</summary>
    public static bool IsIncludedInAdmin(string scope) => scope is not (StudiesReview or Operator);

    /// <summary>Scopes of a token: those listed, and <c>sessions:write</c> for SMART scopes that create or update Observations.</summary>
    /// <param name="granted">Scopes of the token.</param>
    /// <param name="mayOperate">Whether a token of this client may have <see cref="Operator"/>.</param>
    /// <remarks>hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html: <c>system/Observation.cu</c>, or in version 1
    /// <c>system/Observation.write</c>.</remarks>
    public static IEnumerable<string> FromTokenScopes(IReadOnlySet<string> granted, bool mayOperate) =>
        All.Where(scope => (granted.Contains(scope) && (mayOperate || scope != Operator))
            || (scope == SessionsWrite && granted.Any(SmartWriteScope().IsMatch)));

    [GeneratedRegex(@"^system/(Observation|QuestionnaireResponse|\*)\.(write|\*|cr?ud?s?)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SmartWriteScope();
}
