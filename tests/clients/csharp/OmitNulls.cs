using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealRelationship.Client;

/// <summary>What is not given is left out: the service takes null only where the contract has it.</summary>
public partial class RealRelationshipClient
{
    static partial void UpdateJsonSerializerSettings(JsonSerializerOptions settings) => settings.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
}
