namespace RealRelationshipApi.Fhir;

/// <summary>Preferences of the <c>Prefer</c> header (RFC 7240) that FHIR defines.</summary>
/// <param name="IsLenient">Whether names, texts and labels are dropped unread instead of rejected.</param>
/// <param name="IsMinimal">Whether a success has no body.</param>
/// <param name="IsRepresentation">Whether the answer to a success is the resource as it was sent.</param>
internal sealed record FhirPreferences(bool IsLenient, bool IsMinimal, bool IsRepresentation)
{
    private const string Representation = "return=representation";
    private const string Header = "Preference-Applied";

    private static readonly string[] s_supported = ["handling=lenient", "handling=strict", "return=minimal", "return=operationoutcome"];

    /// <summary>Reads the preferences and confirms those that apply in <c>Preference-Applied</c>.</summary>
    public static FhirPreferences Apply(HttpContext context)
    {
        var given = context.Request.Headers["Prefer"].SelectMany(value => (value ?? "").Split([',', ';'])).Select(p => p.Trim().ToLowerInvariant()).ToList();
        string[] applied = [.. s_supported.Where(given.Contains)];
        if (applied.Length > 0)
        {
            context.Response.Headers[Header] = string.Join(", ", applied.Select(p => p == "return=operationoutcome" ? "return=OperationOutcome" : p));
        }

        return new(applied.Contains("handling=lenient"), applied.Contains("return=minimal"),
            given.Contains(Representation) && !applied.Contains("return=minimal"));
    }

    /// <summary>Confirms that the answer is the resource.</summary>
    public static void ConfirmRepresentation(HttpContext context) => context.Response.Headers[Header] =
        string.Join(", ", [.. context.Response.Headers[Header].OfType<string>(), Representation]);
}
