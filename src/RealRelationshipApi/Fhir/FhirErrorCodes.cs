namespace RealRelationshipApi.Fhir;

/// <summary>Error codes of the FHIR parsers, besides those of sessions and instruments.</summary>
internal static class FhirErrorCodes
{
    public const string InvalidResource = "invalidResource";
    public const string WrongRelease = "wrongRelease";
    public const string PersonalData = "personalData";
    public const string FreeText = "freeText";
    public const string Contained = "contained";
    public const string Modifier = "modifier";
    public const string NotSupported = "notSupported";
    public const string Unresolved = "unresolved";
    public const string WrongType = "wrongType";
    public const string Dropped = "dropped";
    public const string NoScore = "noScore";
    public const string UnknownItem = "unknownItem";
    public const string RepeatedItem = "repeatedItem";
    public const string Comparator = "comparator";
    public const string WrongUnit = "wrongUnit";
    public const string NoOffset = "noOffset";
}
